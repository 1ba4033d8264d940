"""What operators watch: counters, gauges and histograms in a registry of our own."""

from collections.abc import Callable, Iterable, Sequence

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    Metric,
    ProcessCollector,
)
from prometheus_client.core import CounterMetricFamily
from prometheus_client.registry import Collector

PREFIX = "sessiond"
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
SECONDS = (0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


class Metrics:
    """The numbers of one node. Names get the prefix `sessiond_`; labels must be few and bounded."""

    def __init__(self, registry: CollectorRegistry | None = None) -> None:
        self.registry = registry or CollectorRegistry()
        ProcessCollector(registry=self.registry)
        labels = ("route", "method", "status")
        self._requests = self.counter("http_requests", "HTTP requests answered.", labels)
        self._seconds = self.histogram(
            "http_request_seconds", "Time to answer an HTTP request.", SECONDS, labels
        )
        self.http_in_progress = self.gauge("http_in_progress", "HTTP requests being answered.")
        self.limiter_failures = self.counter(
            "limiter_failures", "Rate limits decided without Redis, which did not answer."
        )
        self.refused = self.counter("rate_limited", "Requests refused as too many.", ("limit",))

    def counter(self, name: str, meaning: str, labels: Sequence[str] = ()) -> Counter:
        """Register a counter; Prometheus adds `_total` to its name."""
        return Counter(name, meaning, labels, namespace=PREFIX, registry=self.registry)

    def count(self, name: str, meaning: str, read: Callable[[], int]) -> None:
        """Register a counter that is kept elsewhere and read when the registry is asked."""
        self.registry.register(_Kept(f"{PREFIX}_{name}", meaning, read))

    def gauge(self, name: str, meaning: str, labels: Sequence[str] = ()) -> Gauge:
        """Register a gauge; feed it, or give it a source with `set_function`."""
        return Gauge(name, meaning, labels, namespace=PREFIX, registry=self.registry)

    def histogram(
        self, name: str, meaning: str, buckets: Sequence[float], labels: Sequence[str] = ()
    ) -> Histogram:
        """Register a histogram with these upper bounds."""
        return Histogram(
            name, meaning, labels, namespace=PREFIX, buckets=buckets, registry=self.registry
        )

    def requests_in_progress(self) -> int:
        """How many requests are being answered right now."""
        return int(self.registry.get_sample_value(f"{PREFIX}_http_in_progress") or 0)

    def answered(self, route: str, method: str, status: int, seconds: float) -> None:
        """Count one answered request; `route` is a template, never a raw path."""
        known = method if method in METHODS else "other"
        labels = (route, known, f"{status // 100}xx")
        self._requests.labels(*labels).inc()
        self._seconds.labels(*labels).observe(seconds)


class _Kept(Collector):
    """One counter that somebody else counts."""

    def __init__(self, name: str, meaning: str, read: Callable[[], int]) -> None:
        self._name = name
        self._meaning = meaning
        self._read = read

    def collect(self) -> Iterable[Metric]:
        yield CounterMetricFamily(self._name, self._meaning, value=self._read())
