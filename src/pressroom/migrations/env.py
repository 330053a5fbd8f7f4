"""Run by Alembic: executes the revisions on the connection that `migrate` opened, in its transaction."""

from alembic import context

from pressroom.schema import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata)
with context.begin_transaction():
    context.run_migrations()
