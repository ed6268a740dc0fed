"""Which host was asked. Django looks at it anew each time; those of most requests are the same few."""

from functools import lru_cache

from django.core.exceptions import DisallowedHost
from django.http import HttpRequest
from django.http.request import split_domain_port, validate_host

from consentry_server.common.configured import configured


def host_of(request: HttpRequest) -> str:
    """Return the host that was asked, as Django does; raises DisallowedHost."""
    said = request.META.get("HTTP_HOST")
    if not said or configured().USE_X_FORWARDED_HOST:
        said = request._get_raw_host()  # type: ignore[attr-defined] # noqa: SLF001 - what of it counts, Django knows
    return _checked(said, tuple(configured().ALLOWED_HOSTS))


@lru_cache(maxsize=256)
def _checked(host: str, allowed: tuple[str, ...]) -> str:
    """Return a host that is one of ours; what is refused is not kept."""
    domain, _ = split_domain_port(host)
    if domain and validate_host(domain, allowed):
        return host
    raise DisallowedHost("The request is for another host.")
