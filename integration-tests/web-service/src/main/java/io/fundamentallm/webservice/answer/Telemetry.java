package io.fundamentallm.webservice.answer;

import io.fundamentallm.webservice.answer.Answer.Piece;
import io.fundamentallm.webservice.error.ApiException;
import io.fundamentallm.webservice.error.RequestFailure;
import io.micrometer.common.KeyValue;
import io.micrometer.common.KeyValues;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationRegistry;
import io.micrometer.observation.contextpropagation.ObservationThreadLocalAccessor;
import java.time.Duration;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import reactor.util.context.ContextView;

/**
 * Spans and figures of requests by OpenTelemetry's semantic conventions for generative AI: a span
 * {@code chat MODEL}, and the meters {@code gen_ai.server.request.duration}, {@code
 * gen_ai.server.time_to_first_token} and {@code gen_ai.server.time_per_output_token}. Neither
 * prompts nor answers are in them. Thread-safe.
 */
@Component
final class Telemetry {
  /** What the conventions ask for where none of their own names fits. */
  private static final String PROVIDER = "fundamentallm";

  private static final String FIRST_TOKEN = "gen_ai.server.time_to_first_token";
  private static final String OUTPUT_TOKEN = "gen_ai.server.time_per_output_token";

  private final ObservationRegistry observations;
  private final MeterRegistry meters;

  Telemetry(ObservationRegistry observations, MeterRegistry meters) {
    this.observations = observations;
    this.meters = meters;
  }

  /**
   * Begins the span of a request.
   *
   * @param operation by the conventions, such as {@code chat}
   * @param around has the span of the HTTP request
   */
  Span begin(String operation, ContextView around) {
    Observation observation =
        Observation.createNotStarted("gen_ai.server.request.duration", observations)
            .parentObservation(around.getOrDefault(ObservationThreadLocalAccessor.KEY, null))
            .contextualName(operation);
    return new Span(operation, observation.start());
  }

  /** The span of one request. Thread-safe; ends once. */
  final class Span {
    private final String operation;
    private final Observation observation;
    private final long beganNanos = System.nanoTime();
    private final Set<String> finishes = new TreeSet<>();
    private String model = KeyValue.NONE_VALUE;
    private long firstNanos;
    private @Nullable Throwable error;
    private boolean ended;

    private Span(String operation, Observation observation) {
      this.operation = operation;
      this.observation = observation;
    }

    /** The model that answers. */
    synchronized void model(String name) {
      model = name;
      observation.contextualName(operation + " " + name);
    }

    /** A piece of an answer; an echo of the prompt is not a first token. */
    synchronized void piece(Piece piece, Answer answer) {
      if (firstNanos == 0 && answer.generatedTokens() > 0) {
        firstNanos = System.nanoTime();
      }
      if (piece.finish() != null) {
        finishes.add(AnswerFormat.reason(piece.finish(), "stop"));
      }
    }

    synchronized void failed(Throwable problem) {
      error = problem;
    }

    /** What was read and written. */
    synchronized void counted(Answer answer) {
      observation.highCardinalityKeyValues(
          KeyValues.of(
              "gen_ai.usage.input_tokens", String.valueOf(answer.promptTokens()),
              "gen_ai.usage.output_tokens", String.valueOf(answer.generatedTokens()),
              "gen_ai.usage.cache_read.input_tokens", String.valueOf(answer.cachedTokens()),
              "gen_ai.response.finish_reasons", String.join(",", finishes)));
      if (firstNanos != 0) {
        time(FIRST_TOKEN, "from the request to its first token", firstNanos - beganNanos);
        int further = answer.generatedTokens() - 1;
        if (further > 0) {
          time(
              OUTPUT_TOKEN,
              "for each token behind the first",
              (System.nanoTime() - firstNanos) / further);
        }
      }
    }

    synchronized void end() {
      if (ended) {
        return;
      }
      ended = true;
      observation.lowCardinalityKeyValues(common());
      observation.lowCardinalityKeyValue("error.type", errorType());
      if (error != null) {
        observation.error(new RequestFailure(error));
      }
      observation.stop();
    }

    private KeyValues common() {
      return KeyValues.of(
          "gen_ai.operation.name", operation,
          "gen_ai.provider.name", PROVIDER,
          "gen_ai.request.model", model,
          "gen_ai.response.model", model);
    }

    private String errorType() {
      Throwable problem = error;
      if (problem == null) {
        return KeyValue.NONE_VALUE;
      }
      return problem instanceof ApiException refused
          ? String.valueOf(refused.status().value())
          : problem.getClass().getSimpleName();
    }

    private void time(String name, String description, long nanos) {
      Tags tags = Tags.empty();
      for (KeyValue value : common()) {
        tags = tags.and(value.getKey(), value.getValue());
      }
      Timer.builder(name)
          .description(description)
          .tags(tags)
          .publishPercentileHistogram()
          .minimumExpectedValue(Duration.ofMillis(1))
          .maximumExpectedValue(Duration.ofMinutes(2))
          .register(meters)
          .record(Duration.ofNanos(nanos));
    }
  }
}
