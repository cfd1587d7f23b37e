"""Crews: units, people, crews, devices, keys, audit."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from api import columns

revision = "0002_crews"
down_revision = "0001_feed"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Take the step."""
    op.create_table(
        "audit_lines",
        sa.Column("district_id", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("at", columns.InstantType(), nullable=False),
        sa.Column("person_id", sa.Text(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.Text(), nullable=False),
        sa.Column("detail", columns.JsonType(), nullable=False),
        sa.PrimaryKeyConstraint("district_id", "id", name=op.f("pk_audit_lines")),
        sqlite_strict=True,
    )
    with op.batch_alter_table("audit_lines") as batch_op:
        batch_op.create_index("ix_audit_lines_at", ["district_id", "at", "id"], unique=False)

    op.create_table(
        "sign_in_buckets",
        sa.Column("login_sha256", sa.Text(), nullable=False),
        sa.Column("empty_at", columns.InstantType(), nullable=False),
        sa.PrimaryKeyConstraint("login_sha256", name=op.f("pk_sign_in_buckets")),
        sqlite_strict=True,
    )
    with op.batch_alter_table("sign_in_buckets") as batch_op:
        batch_op.create_index("ix_sign_in_buckets_empty", ["empty_at"], unique=False)

    op.create_table(
        "signing_keys",
        sa.Column("kid", sa.Text(), nullable=False),
        sa.Column("private_pem", sa.LargeBinary(), nullable=False),
        sa.Column("made_at", columns.InstantType(), nullable=False),
        sa.Column("retired_at", columns.InstantType(), nullable=True),
        sa.PrimaryKeyConstraint("kid", name=op.f("pk_signing_keys")),
        sqlite_strict=True,
    )
    op.create_table(
        "units",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("parent_id", sa.Text(), nullable=True),
        sa.Column("level", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["parent_id"], ["units.id"], name=op.f("fk_units_parent_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_units")),
        sa.UniqueConstraint("path", name=op.f("uq_units_path")),
        sqlite_strict=True,
    )
    op.create_table(
        "crews",
        sa.Column("district_id", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("skills", columns.JsonType(), nullable=False),
        sa.Column("formed_at", columns.InstantType(), nullable=False),
        sa.Column("disbanded_at", columns.InstantType(), nullable=True),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["district_id"], ["units.id"], name=op.f("fk_crews_district_id")),
        sa.PrimaryKeyConstraint("district_id", "id", name=op.f("pk_crews")),
        sqlite_strict=True,
    )
    op.create_table(
        "people",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("unit_id", sa.Text(), nullable=False),
        sa.Column("login", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("roles", columns.JsonType(), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=True),
        sa.Column("joined_at", columns.InstantType(), nullable=False),
        sa.Column("left_at", columns.InstantType(), nullable=True),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name=op.f("fk_people_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_people")),
        sa.UniqueConstraint("login", name=op.f("uq_people_login")),
        sqlite_strict=True,
    )
    with op.batch_alter_table("people") as batch_op:
        batch_op.create_index("ix_people_unit", ["unit_id", "id"], unique=False)

    op.create_table(
        "crew_areas",
        sa.Column("district_id", sa.Text(), nullable=False),
        sa.Column("crew_id", sa.Text(), nullable=False),
        sa.Column("area_id", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("since", columns.InstantType(), nullable=False),
        sa.Column("until", columns.InstantType(), nullable=True),
        sa.ForeignKeyConstraint(
            ["district_id", "crew_id"],
            ["crews.district_id", "crews.id"],
            name=op.f("fk_crew_areas_district_id_crew_id"),
        ),
        sa.PrimaryKeyConstraint("district_id", "crew_id", "area_id", name=op.f("pk_crew_areas")),
        sqlite_strict=True,
    )
    with op.batch_alter_table("crew_areas") as batch_op:
        batch_op.create_index("ix_crew_areas_area", ["district_id", "area_id"], unique=False)

    op.create_table(
        "crew_members",
        sa.Column("district_id", sa.Text(), nullable=False),
        sa.Column("crew_id", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["district_id", "crew_id"],
            ["crews.district_id", "crews.id"],
            name=op.f("fk_crew_members_district_id_crew_id"),
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_crew_members_person_id")
        ),
        sa.PrimaryKeyConstraint(
            "district_id", "crew_id", "person_id", name=op.f("pk_crew_members")
        ),
        sqlite_strict=True,
    )
    with op.batch_alter_table("crew_members") as batch_op:
        batch_op.create_index("ix_crew_members_person", ["person_id", "district_id"], unique=False)

    op.create_table(
        "devices",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("district_id", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("app", sa.Text(), nullable=False),
        sa.Column("enrolled_at", columns.InstantType(), nullable=False),
        sa.Column("revoked_at", columns.InstantType(), nullable=True),
        sa.Column("last_seen_at", columns.InstantType(), nullable=True),
        sa.Column("covered_until", columns.InstantType(), nullable=False),
        sa.Column("queued", sa.BigInteger(), nullable=False),
        sa.Column("files_queued", sa.BigInteger(), nullable=False),
        sa.Column("unsent_since", columns.InstantType(), nullable=True),
        sa.Column("lat_deg", sa.Float(precision=53), nullable=True),
        sa.Column("lon_deg", sa.Float(precision=53), nullable=True),
        sa.Column("accuracy_m", sa.Float(precision=53), nullable=True),
        sa.Column("position_at", columns.InstantType(), nullable=True),
        sa.ForeignKeyConstraint(["district_id"], ["units.id"], name=op.f("fk_devices_district_id")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_devices_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_devices")),
        sqlite_strict=True,
    )
    with op.batch_alter_table("devices") as batch_op:
        batch_op.create_index("ix_devices_district", ["district_id", "id"], unique=False)
        batch_op.create_index("ix_devices_person", ["person_id"], unique=False)

    op.create_table(
        "shifts",
        sa.Column("district_id", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("crew_id", sa.Text(), nullable=False),
        sa.Column("starts_at", columns.InstantType(), nullable=False),
        sa.Column("ends_at", columns.InstantType(), nullable=True),
        sa.CheckConstraint(
            "ends_at IS NULL OR ends_at > starts_at", name=op.f("ck_shifts_ends_after_start")
        ),
        sa.ForeignKeyConstraint(
            ["district_id", "crew_id"],
            ["crews.district_id", "crews.id"],
            name=op.f("fk_shifts_district_id_crew_id"),
        ),
        sa.PrimaryKeyConstraint("district_id", "id", name=op.f("pk_shifts")),
        sqlite_strict=True,
    )
    with op.batch_alter_table("shifts") as batch_op:
        batch_op.create_index(
            "ix_shifts_crew", ["district_id", "crew_id", "starts_at"], unique=False
        )

    op.create_table(
        "token_families",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Text(), nullable=False),
        sa.Column("device_id", sa.Text(), nullable=True),
        sa.Column("secret", sa.LargeBinary(), nullable=False),
        sa.Column("begun_at", columns.InstantType(), nullable=False),
        sa.Column("revoked_at", columns.InstantType(), nullable=True),
        sa.ForeignKeyConstraint(
            ["device_id"], ["devices.id"], name=op.f("fk_token_families_device_id")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_token_families_person_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_token_families")),
        sqlite_strict=True,
    )
    with op.batch_alter_table("token_families") as batch_op:
        batch_op.create_index("ix_token_families_person", ["person_id"], unique=False)

    op.create_table(
        "refresh_tokens",
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("family_id", sa.Text(), nullable=False),
        sa.Column("expires_at", columns.InstantType(), nullable=False),
        sa.Column("used_at", columns.InstantType(), nullable=True),
        sa.ForeignKeyConstraint(
            ["family_id"], ["token_families.id"], name=op.f("fk_refresh_tokens_family_id")
        ),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_refresh_tokens")),
        sqlite_strict=True,
    )
    with op.batch_alter_table("refresh_tokens") as batch_op:
        batch_op.create_index("ix_refresh_tokens_expiry", ["expires_at"], unique=False)


def downgrade() -> None:
    """Take it back."""
    with op.batch_alter_table("refresh_tokens") as batch_op:
        batch_op.drop_index("ix_refresh_tokens_expiry")

    op.drop_table("refresh_tokens")
    with op.batch_alter_table("token_families") as batch_op:
        batch_op.drop_index("ix_token_families_person")

    op.drop_table("token_families")
    with op.batch_alter_table("shifts") as batch_op:
        batch_op.drop_index("ix_shifts_crew")

    op.drop_table("shifts")
    with op.batch_alter_table("devices") as batch_op:
        batch_op.drop_index("ix_devices_person")
        batch_op.drop_index("ix_devices_district")

    op.drop_table("devices")
    with op.batch_alter_table("crew_members") as batch_op:
        batch_op.drop_index("ix_crew_members_person")

    op.drop_table("crew_members")
    with op.batch_alter_table("crew_areas") as batch_op:
        batch_op.drop_index("ix_crew_areas_area")

    op.drop_table("crew_areas")
    with op.batch_alter_table("people") as batch_op:
        batch_op.drop_index("ix_people_unit")

    op.drop_table("people")
    op.drop_table("crews")
    op.drop_table("units")
    op.drop_table("signing_keys")
    with op.batch_alter_table("sign_in_buckets") as batch_op:
        batch_op.drop_index("ix_sign_in_buckets_empty")

    op.drop_table("sign_in_buckets")
    with op.batch_alter_table("audit_lines") as batch_op:
        batch_op.drop_index("ix_audit_lines_at")

    op.drop_table("audit_lines")
