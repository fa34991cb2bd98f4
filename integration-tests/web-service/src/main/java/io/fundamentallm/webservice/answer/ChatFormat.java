package io.fundamentallm.webservice.answer;

import io.fundamentallm.decoding.Token;
import io.fundamentallm.webservice.answer.Answer.Scored;
import io.fundamentallm.webservice.model.ServedModel;
import io.fundamentallm.webservice.request.AnswerPlan;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** The answers of {@code /v1/chat/completions}. */
public final class ChatFormat extends AnswerFormat {
  private final TokenTexts texts;
  private final Set<Integer> begun = new HashSet<>();

  public ChatFormat(ServedModel model, AnswerPlan plan) {
    super("chatcmpl-" + UUID.randomUUID(), "chat.completion", "chat.completion.chunk", model, plan);
    texts = new TokenTexts(model.generator().tokenizer());
  }

  @Override
  Map<String, @Nullable Object> complete(int choice, String text, List<Scored> tokens) {
    Map<String, @Nullable Object> message = new LinkedHashMap<>();
    message.put("role", "assistant");
    message.put("content", text);
    message.put("refusal", null);
    return choice("message", message, tokens);
  }

  @Override
  Map<String, @Nullable Object> part(int choice, String text, List<Scored> tokens) {
    Map<String, @Nullable Object> delta = new LinkedHashMap<>();
    if (begun.add(choice)) {
      delta.put("role", "assistant");
    }
    delta.put("content", text);
    return choice("delta", delta, tokens);
  }

  private Map<String, @Nullable Object> choice(String name, Object content, List<Scored> tokens) {
    Map<String, @Nullable Object> choice = new LinkedHashMap<>();
    choice.put(name, content);
    choice.put("logprobs", hasLogprobs() ? logprobs(tokens) : null);
    return choice;
  }

  private Object logprobs(List<Scored> tokens) {
    List<Object> content = new ArrayList<>();
    for (Scored token : tokens) {
      if (texts.isText(token.id())) {
        Map<String, @Nullable Object> entry = entry(token.id(), token.logProbability());
        List<Object> top = new ArrayList<>();
        for (Token.Alternative alternative : token.alternatives()) {
          top.add(entry(alternative.token(), alternative.logProbability()));
        }
        entry.put("top_logprobs", top);
        content.add(entry);
      }
    }
    Map<String, @Nullable Object> logprobs = new LinkedHashMap<>();
    logprobs.put("content", content);
    logprobs.put("refusal", null);
    return logprobs;
  }

  private Map<String, @Nullable Object> entry(int token, double logProbability) {
    List<Integer> bytes = new ArrayList<>();
    for (byte b : texts.bytes(token)) {
      bytes.add(b & 0xFF);
    }
    Map<String, @Nullable Object> entry = new LinkedHashMap<>();
    entry.put("token", texts.text(token));
    entry.put("logprob", finite(logProbability));
    entry.put("bytes", bytes);
    return entry;
  }
}
