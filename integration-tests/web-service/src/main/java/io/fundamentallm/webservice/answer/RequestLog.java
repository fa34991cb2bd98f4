package io.fundamentallm.webservice.answer;

import static java.util.stream.Collectors.joining;

import io.fundamentallm.model.Spec;
import io.fundamentallm.webservice.answer.Answer.Piece;
import io.fundamentallm.webservice.settings.ServiceSettings;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;
import reactor.core.publisher.SignalType;

/** One line for each answered request: figures, and texts only if the settings say so. */
@Component
final class RequestLog {
  private static final Logger LOG = LoggerFactory.getLogger(RequestLog.class);

  private final boolean texts;

  RequestLog(ServiceSettings settings) {
    texts = settings.logTexts();
  }

  /** Begins the line of a request. */
  Entry begin(String id) {
    return new Entry(id);
  }

  /** What is logged about one request. */
  final class Entry {
    private final String id;
    private final long startNanos = System.nanoTime();
    private final StringBuilder written = new StringBuilder();

    private Entry(String id) {
      this.id = id;
    }

    /** The time since its body arrived. */
    long nanos() {
      return System.nanoTime() - startNanos;
    }

    void piece(Piece piece) {
      if (texts) {
        written.append(piece.text());
      }
    }

    void end(Answer answer) {
      LOG.info(
          "{}: {}, {} tokens read, {} written, {} ms{}",
          id,
          answer.isComplete() ? "answered" : answer.hasFailed() ? "failed" : "cut off",
          answer.promptTokens(),
          answer.generatedTokens(),
          nanos() / 1_000_000,
          texts ? ": " + quoted(answer) : "");
    }

    /** Ends one whose answer is computed at once. */
    void end(SignalType signal) {
      LOG.info(
          "{}: {}, {} ms",
          id,
          signal == SignalType.CANCEL
              ? "cut off"
              : signal == SignalType.ON_ERROR ? "failed" : "answered",
          nanos() / 1_000_000);
    }

    /** In quotes, so that no text can look like a line of the log. */
    private String quoted(Answer answer) {
      String prompts =
          answer.plan().prompts().stream()
              .map(prompt -> Spec.quoted(prompt.text()))
              .collect(joining(", "));
      return prompts + " -> " + Spec.quoted(written.toString());
    }
  }
}
