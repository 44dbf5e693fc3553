"""The public API, put together."""

from gateway import (
    calls_control,
    calls_conversations,
    calls_health,
    calls_messages,
    calls_resume,
    calls_service,
    calls_stream,
    calls_transcript,
)
from gateway.openapi import DESCRIPTION, PublicApi

VERSION = "1.0.0"

# Health stands beside the versioned API: supervisors ask for it under a name of their own.
health = PublicApi(title="Health", version=VERSION, openapi_url=None, urls_namespace="health")
health.add_router("", calls_health.router)

api = PublicApi(
    title="Information desk",
    version=VERSION,
    description=DESCRIPTION,
    openapi_url=None,
    urls_namespace="api-v1",
    also_described=health,
)
for calls in (
    calls_service,
    calls_conversations,
    calls_messages,
    calls_resume,
    calls_stream,
    calls_control,
    calls_transcript,
):
    api.add_router("", calls.router)
