"""Alembic's entry: run the steps on the connection that `api.migrating` opened."""

from alembic import context

import api.models  # noqa: F401 - every table must be known for a comparison
from api.db import Base

config = context.config
connection = config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=Base.metadata,
    render_as_batch=connection.dialect.name == "sqlite",
    compare_type=True,
    user_module_prefix="columns.",
    include_object=config.attributes.get("include_object"),
    transaction_per_migration=True,
)
with context.begin_transaction():
    context.run_migrations()
