package io.fundamentallm.webservice.answer;

import io.fundamentallm.decoding.FinishReason;
import io.fundamentallm.webservice.answer.Answer.Piece;
import io.fundamentallm.webservice.answer.Answer.Scored;
import io.fundamentallm.webservice.model.ServedModel;
import io.fundamentallm.webservice.request.AnswerPlan;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** How OpenAI writes the answer to one request. One thread at a time. */
public abstract class AnswerFormat {
  private final String id;
  private final String wholeObject;
  private final String chunkObject;
  private final ServedModel model;
  private final AnswerPlan plan;
  private final long created = System.currentTimeMillis() / 1000;

  AnswerFormat(
      String id, String wholeObject, String chunkObject, ServedModel model, AnswerPlan plan) {
    this.id = id;
    this.wholeObject = wholeObject;
    this.chunkObject = chunkObject;
    this.model = model;
    this.plan = plan;
  }

  /** A finished choice, without index and reason. */
  abstract Map<String, @Nullable Object> complete(
      int choice, List<Piece> pieces, List<Scored> tokens);

  /** What a piece adds to a choice, without index and reason. */
  abstract Map<String, @Nullable Object> part(Piece piece);

  /** Whether a piece adds nothing that a client sees. */
  abstract boolean isEmpty(Piece piece);

  /** OpenAI's name for the end of a choice's text. */
  String stopped(int choice) {
    return "stop";
  }

  final boolean hasLogprobs() {
    return plan.alternatives().isPresent();
  }

  /** The event of a piece; null if it has nothing to report. */
  final @Nullable Object chunk(Piece piece) {
    if (isEmpty(piece) && piece.tokens().isEmpty() && piece.finish() == null) {
      return null;
    }
    Map<String, @Nullable Object> chunk =
        object(chunkObject, List.of(choice(piece.choice(), part(piece), piece.finish())));
    if (plan.usage()) {
      chunk.put("usage", null);
    }
    return chunk;
  }

  /** The event that ends a stream whose client requested the counts. */
  final Object usageChunk(Answer answer) {
    Map<String, @Nullable Object> chunk = object(chunkObject, List.of());
    chunk.put("usage", usage(answer));
    return chunk;
  }

  /** The whole answer as one object. */
  final Object complete(List<Piece> pieces, Answer answer) {
    Map<Integer, List<Piece>> byChoice = new TreeMap<>();
    for (Piece piece : pieces) {
      byChoice.computeIfAbsent(piece.choice(), choice -> new ArrayList<>()).add(piece);
    }
    List<Object> choices = new ArrayList<>();
    byChoice.forEach((choice, its) -> choices.add(choice(choice, its)));
    Map<String, @Nullable Object> whole = object(wholeObject, choices);
    whole.put("usage", usage(answer));
    return whole;
  }

  private Object choice(int choice, List<Piece> pieces) {
    List<Scored> tokens = new ArrayList<>();
    FinishReason finish = null;
    for (Piece piece : pieces) {
      tokens.addAll(piece.tokens());
      finish = piece.finish();
    }
    return choice(choice, complete(choice, pieces, tokens), finish);
  }

  private Object choice(
      int index, Map<String, @Nullable Object> content, @Nullable FinishReason finish) {
    Map<String, @Nullable Object> choice = new LinkedHashMap<>();
    choice.put("index", index);
    choice.putAll(content);
    choice.put("finish_reason", finish == null ? null : reason(index, finish));
    return choice;
  }

  /** The text reached its end, perhaps with calls, or something cut it off. */
  private String reason(int choice, FinishReason finish) {
    return switch (finish) {
      case END_TOKEN, STOP_TOKEN, STOP_STRING, STOP_CONDITION -> stopped(choice);
      case MAX_NEW_TOKENS, CONTEXT_FULL, TIME_LIMIT, REPETITION, CANCELLED -> "length";
    };
  }

  private Map<String, @Nullable Object> object(String kind, List<Object> choices) {
    Map<String, @Nullable Object> object = new LinkedHashMap<>();
    object.put("id", id);
    object.put("object", kind);
    object.put("created", created);
    object.put("model", model.name());
    object.put("system_fingerprint", model.fingerprint());
    object.put("choices", choices);
    return object;
  }

  private static Object usage(Answer answer) {
    Map<String, Object> usage = new LinkedHashMap<>();
    usage.put("prompt_tokens", answer.promptTokens());
    usage.put("completion_tokens", answer.generatedTokens());
    usage.put("total_tokens", answer.promptTokens() + answer.generatedTokens());
    return usage;
  }

  /** A number that JSON can hold: OpenAI writes -9999 for what is impossible. */
  static double finite(double logProbability) {
    return Math.max(logProbability, -9999);
  }
}
