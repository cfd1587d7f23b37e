"""Reports on paper: a table for a spreadsheet, a workbook, a page that prints; pure of any I/O."""
