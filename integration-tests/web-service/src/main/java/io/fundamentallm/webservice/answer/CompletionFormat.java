package io.fundamentallm.webservice.answer;

import io.fundamentallm.TokenScore;
import io.fundamentallm.decoding.Token;
import io.fundamentallm.text.Detokenizer;
import io.fundamentallm.webservice.answer.Answer.Piece;
import io.fundamentallm.webservice.answer.Answer.Scored;
import io.fundamentallm.webservice.model.ServedModel;
import io.fundamentallm.webservice.request.AnswerPlan;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The answers of {@code /v1/completions}. */
public final class CompletionFormat extends AnswerFormat {
  private final AnswerPlan plan;
  private final TokenTexts texts;
  private final Map<Integer, Offsets> offsets = new HashMap<>();

  public CompletionFormat(ServedModel model, AnswerPlan plan) {
    super("cmpl-" + UUID.randomUUID(), "text_completion", "text_completion", model, plan);
    this.plan = plan;
    texts = new TokenTexts(model.generator().tokenizer());
  }

  @Override
  Map<String, @Nullable Object> complete(int choice, List<Piece> pieces, List<Scored> tokens) {
    StringBuilder text = new StringBuilder();
    pieces.forEach(piece -> text.append(piece.text()));
    return part(choice, text.toString(), tokens);
  }

  @Override
  Map<String, @Nullable Object> part(Piece piece) {
    return part(piece.choice(), piece.text(), piece.tokens());
  }

  @Override
  void addTo(Map<String, @Nullable Object> choice, int index, Answer answer) {
    int prompt = index / plan.choices();
    if (prompt < answer.promptScores().size()) {
      List<TokenScore> scores = answer.promptScores().get(prompt);
      Supplier<int[]> ids = plan.prompts().get(prompt).tokens();
      int length = ids == null ? scores.size() + 1 : ids.get().length;
      choice.put("prompt_logprobs", promptLogprobs(texts, length, scores));
    }
  }

  @Override
  boolean isEmpty(Piece piece) {
    return piece.text().isEmpty();
  }

  private Map<String, @Nullable Object> part(int choice, String text, List<Scored> tokens) {
    Map<String, @Nullable Object> part = new LinkedHashMap<>();
    part.put("text", text);
    part.put("logprobs", hasLogprobs() ? logprobs(choice, tokens) : null);
    return part;
  }

  private Object logprobs(int choice, List<Scored> scored) {
    Offsets offset = offsets.computeIfAbsent(choice, key -> new Offsets());
    List<String> tokens = new ArrayList<>();
    List<@Nullable Double> logprobs = new ArrayList<>();
    List<@Nullable Object> top = new ArrayList<>();
    List<Integer> places = new ArrayList<>();
    for (Scored token : scored) {
      if (!token.echoed() && !texts.isText(token.id())) {
        continue;
      }
      boolean known = !Double.isNaN(token.logProbability());
      tokens.add(texts.textOrBytes(token.id()));
      logprobs.add(known ? finite(token.logProbability()) : null);
      top.add(known ? top(token) : null);
      places.add(offset.next(token.id()));
    }
    Map<String, Object> all = new LinkedHashMap<>();
    all.put("tokens", tokens);
    all.put("token_logprobs", logprobs);
    all.put("top_logprobs", top);
    all.put("text_offset", places);
    return all;
  }

  /** The alternatives, and the token itself if it is not among them, as OpenAI does. */
  private Map<String, Double> top(Scored token) {
    Map<String, Double> top = new LinkedHashMap<>();
    for (Token.Alternative alternative : token.alternatives()) {
      top.putIfAbsent(texts.textOrBytes(alternative.token()), finite(alternative.logProbability()));
    }
    top.putIfAbsent(texts.textOrBytes(token.id()), finite(token.logProbability()));
    return top;
  }

  /** Where tokens begin in the choice's text, in code points. */
  private final class Offsets {
    private final Detokenizer detokenizer = texts.tokenizer().detokenizer();
    private int length;

    int next(int token) {
      int offset = length;
      String text = detokenizer.append(token);
      length += text.codePointCount(0, text.length());
      return offset;
    }
  }
}
