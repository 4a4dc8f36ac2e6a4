"""A collector as tutorials write it: FastAPI, SQLAlchemy, one INSERT and one COMMIT per request."""

import os
from datetime import UTC, datetime
from typing import Any

import psycopg
from fastapi import FastAPI
from pydantic import BaseModel
from sqlalchemy import JSON, DateTime, Text, create_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, sessionmaker

engine = create_engine(
    "postgresql+psycopg://", creator=lambda: psycopg.connect(os.environ["PEER_CONNINFO"]), pool_size=20
)
Session = sessionmaker(engine)
application = FastAPI()


class Base(DeclarativeBase):
    """The peer's tables."""


class Event(Base):
    """A row per event."""

    __tablename__ = "peer_event"
    id: Mapped[int] = mapped_column(primary_key=True)
    message_id: Mapped[str] = mapped_column(Text, unique=True)
    name: Mapped[str] = mapped_column(Text)
    anonymous_id: Mapped[str] = mapped_column(Text)
    properties: Mapped[dict[str, Any]] = mapped_column(JSON)
    received_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class Call(BaseModel):
    """What a client sends."""

    messageId: str  # noqa: N815 - as on the wire
    event: str
    anonymousId: str  # noqa: N815 - as on the wire
    properties: dict[str, Any]


Base.metadata.create_all(engine)


@application.post("/v1/track")
def track(call: Call) -> dict[str, bool]:
    with Session.begin() as session:
        session.add(
            Event(
                message_id=call.messageId,
                name=call.event,
                anonymous_id=call.anonymousId,
                properties=call.properties,
                received_at=datetime.now(UTC),
            )
        )
    return {"success": True}
