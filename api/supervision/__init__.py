"""Supervision: cases of broken promises, which climb until somebody acts; appeals and actions."""
