"""Run migrations on the engine that `store.db.migrate` hands over."""

from alembic import context

from tourism.store.tables import Base

with context.config.attributes["engine"].connect() as connection:
    context.configure(connection=connection, target_metadata=Base.metadata)
    with context.begin_transaction():
        context.run_migrations()
    connection.commit()
