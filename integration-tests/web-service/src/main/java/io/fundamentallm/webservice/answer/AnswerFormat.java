package io.fundamentallm.webservice.answer;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.fundamentallm.TokenScore;
import io.fundamentallm.decoding.FinishReason;
import io.fundamentallm.decoding.Token;
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
public abstract class AnswerFormat extends Format {
  private static final byte[] DONE = "data: [DONE]\n\n".getBytes(UTF_8);

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

  /** Hears of each piece before it is written, also of one that is empty. */
  void hear(Piece piece) {}

  /** OpenAI's name for the end of a choice's text. */
  String stopped(int choice) {
    return "stop";
  }

  final boolean hasLogprobs() {
    return plan.alternatives().isPresent();
  }

  @Override
  final List<byte[]> events(Piece piece, Answer answer) {
    hear(piece);
    if (isEmpty(piece) && piece.tokens().isEmpty() && piece.finish() == null) {
      return List.of();
    }
    Map<String, @Nullable Object> chunk =
        object(chunkObject, List.of(choice(piece.choice(), part(piece), piece.finish())));
    if (plan.usage()) {
      chunk.put("usage", null);
    }
    return List.of(event(null, chunk));
  }

  @Override
  final List<byte[]> ending(Answer answer) {
    return plan.usage() ? List.of(event(null, usageChunk(answer)), DONE) : List.of(DONE);
  }

  /** The event for a client that requested the counts. */
  private Object usageChunk(Answer answer) {
    Map<String, @Nullable Object> chunk = object(chunkObject, List.of());
    chunk.put("usage", usage(answer));
    return chunk;
  }

  @Override
  final Object complete(List<Piece> pieces, Answer answer) {
    Map<Integer, List<Piece>> byChoice = new TreeMap<>();
    for (Piece piece : pieces) {
      hear(piece);
      byChoice.computeIfAbsent(piece.choice(), choice -> new ArrayList<>()).add(piece);
    }
    List<Object> choices = new ArrayList<>();
    byChoice.forEach(
        (choice, its) -> {
          Map<String, @Nullable Object> written = choice(choice, its);
          addTo(written, choice, answer);
          choices.add(written);
        });
    Map<String, @Nullable Object> whole = object(wholeObject, choices);
    addTo(whole, answer);
    whole.put("usage", usage(answer));
    return whole;
  }

  /** Adds to a choice what only some answers have. */
  void addTo(Map<String, @Nullable Object> choice, int index, Answer answer) {}

  /** Adds what only some answers have. */
  void addTo(Map<String, @Nullable Object> whole, Answer answer) {}

  /** vLLM's form of what a prompt's tokens scored. */
  static Object promptLogprobs(TokenTexts texts, List<TokenScore> scores) {
    List<@Nullable Object> all = new ArrayList<>();
    all.add(null); // nothing stands before the first
    for (TokenScore score : scores) {
      Map<String, Object> entries = new LinkedHashMap<>();
      entries.put(
          String.valueOf(score.token()),
          entry(texts, score.token(), score.logProbability(), score.rank()));
      int rank = 1;
      for (Token.Alternative alternative : score.alternatives()) {
        entries.putIfAbsent(
            String.valueOf(alternative.token()),
            entry(texts, alternative.token(), alternative.logProbability(), rank++));
      }
      all.add(entries);
    }
    return all;
  }

  private static Object entry(TokenTexts texts, int token, double logProbability, int rank) {
    Map<String, Object> entry = new LinkedHashMap<>();
    entry.put("logprob", finite(logProbability));
    entry.put("rank", rank);
    entry.put("decoded_token", texts.text(token));
    return entry;
  }

  private Map<String, @Nullable Object> choice(int choice, List<Piece> pieces) {
    List<Scored> tokens = new ArrayList<>();
    FinishReason finish = null;
    for (Piece piece : pieces) {
      tokens.addAll(piece.tokens());
      finish = piece.finish();
    }
    return choice(choice, complete(choice, pieces, tokens), finish);
  }

  private Map<String, @Nullable Object> choice(
      int index, Map<String, @Nullable Object> content, @Nullable FinishReason finish) {
    Map<String, @Nullable Object> choice = new LinkedHashMap<>();
    choice.put("index", index);
    choice.putAll(content);
    choice.put("finish_reason", finish == null ? null : reason(index, finish));
    return choice;
  }

  /** The text reached its end, perhaps with calls, or something cut it off. */
  private String reason(int choice, FinishReason finish) {
    return reason(finish, stopped(choice));
  }

  static String reason(FinishReason finish, String stopped) {
    return switch (finish) {
      case END_TOKEN, STOP_TOKEN, STOP_STRING, STOP_CONDITION -> stopped;
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
    usage.put("prompt_tokens_details", Map.of("cached_tokens", answer.cachedTokens()));
    return usage;
  }

  /** A number that JSON can hold: OpenAI writes -9999 for what is impossible. */
  static double finite(double logProbability) {
    return Math.max(logProbability, -9999);
  }
}
