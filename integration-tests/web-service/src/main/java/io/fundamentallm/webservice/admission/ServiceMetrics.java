package io.fundamentallm.webservice.admission;

import io.fundamentallm.model.BatchingListener;
import io.fundamentallm.model.PrefixCache;
import io.fundamentallm.model.PrefixCacheStatistics;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.search.Search;
import java.time.Duration;
import java.util.function.ToDoubleFunction;

/** The figures {@code fundamentallm.…} of the service. Thread-safe. */
public final class ServiceMetrics implements BatchingListener {
  private final MeterRegistry registry;
  private final Timer passes;
  private final DistributionSummary sessions;
  private final DistributionSummary tokens;
  private final Timer firstToken;
  private final Counter prompt;
  private final Counter generated;
  private final Counter refused;
  private final Counter cancelled;

  public ServiceMetrics(MeterRegistry registry, Admission admission) {
    this.registry = registry;
    Gauge.builder("fundamentallm.requests.running", admission, Admission::running)
        .description("requests that are being answered")
        .register(registry);
    Gauge.builder("fundamentallm.requests.waiting", admission, Admission::waiting)
        .description("requests that wait for their turn")
        .register(registry);
    refused =
        Counter.builder("fundamentallm.requests.refused")
            .description("requests that found no place to wait")
            .register(registry);
    cancelled =
        Counter.builder("fundamentallm.requests.cancelled")
            .description("requests whose client hung up, or read too slowly")
            .register(registry);
    prompt =
        Counter.builder("fundamentallm.tokens.prompt")
            .description("tokens of prompts")
            .register(registry);
    generated =
        Counter.builder("fundamentallm.tokens.generated")
            .description("tokens of continuations")
            .register(registry);
    firstToken =
        Timer.builder("fundamentallm.time.to.first.token")
            .description("from the end of a request's body to the first token")
            .publishPercentileHistogram()
            .minimumExpectedValue(Duration.ofMillis(1))
            .maximumExpectedValue(Duration.ofMinutes(2))
            .register(registry);
    passes =
        Timer.builder("fundamentallm.pass")
            .description("passes over the weights")
            .register(registry);
    sessions =
        DistributionSummary.builder("fundamentallm.pass.sessions")
            .description("sessions in a pass")
            .register(registry);
    tokens =
        DistributionSummary.builder("fundamentallm.pass.tokens")
            .description("tokens in a pass")
            .register(registry);
  }

  /**
   * Counts what a model's cache remembers of prompts, and what that saves. A model that is loaded
   * again goes on with a new cache, from nothing.
   */
  public void prefixes(String model, PrefixCache cache) {
    Search.in(registry)
        .name(name -> name.startsWith("fundamentallm.prefix.cache."))
        .tag("model", model)
        .meters()
        .forEach(registry::remove);
    counter(model, cache, "lookups", "prompts that were looked up", its -> its.lookups());
    counter(model, cache, "hits", "prompts of which a beginning was known", its -> its.hits());
    counter(
        model, cache, "saved.tokens", "tokens that were not read again", its -> its.savedTokens());
    counter(model, cache, "restored", "beginnings that came from files", its -> its.restored());
    counter(model, cache, "written", "beginnings written to files", its -> its.written());
    counter(model, cache, "failures", "files that could not be used", its -> its.failures());
    Gauge.builder("fundamentallm.prefix.cache.tokens", cache, its -> its.statistics().heldTokens())
        .description("tokens in memory")
        .tag("model", model)
        .register(registry);
    Gauge.builder("fundamentallm.prefix.cache.bytes", cache, its -> its.statistics().heldBytes())
        .description("bytes of keys and values in memory")
        .tag("model", model)
        .baseUnit("bytes")
        .register(registry);
  }

  private void counter(
      String model,
      PrefixCache cache,
      String name,
      String description,
      ToDoubleFunction<PrefixCacheStatistics> count) {
    FunctionCounter.builder(
            "fundamentallm.prefix.cache." + name,
            cache,
            its -> count.applyAsDouble(its.statistics()))
        .description(description)
        .tag("model", model)
        .register(registry);
  }

  @Override
  public void onPass(int waiting, int sessionsOfPass, int tokensOfPass, long nanos) {
    passes.record(Duration.ofNanos(nanos));
    sessions.record(sessionsOfPass);
    tokens.record(tokensOfPass);
  }

  public void firstToken(long nanos) {
    firstToken.record(Duration.ofNanos(nanos));
  }

  public void prompt(int count) {
    prompt.increment(count);
  }

  public void generated(int count) {
    generated.increment(count);
  }

  public void refused() {
    refused.increment();
  }

  public void cancelled() {
    cancelled.increment();
  }
}
