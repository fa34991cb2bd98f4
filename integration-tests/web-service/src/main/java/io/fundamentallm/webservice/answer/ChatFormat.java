package io.fundamentallm.webservice.answer;

import io.fundamentallm.chat.ChatPart;
import io.fundamentallm.decoding.Token;
import io.fundamentallm.webservice.answer.Answer.Piece;
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

  /** The choices that have a text. */
  private final Set<Integer> said = new HashSet<>();

  /** The choices that called tools. */
  private final Set<Integer> called = new HashSet<>();

  /** The choices whose last call has not ended. */
  private final Set<Integer> calling = new HashSet<>();

  public ChatFormat(ServedModel model, AnswerPlan plan) {
    super("chatcmpl-" + UUID.randomUUID(), "chat.completion", "chat.completion.chunk", model, plan);
    texts = new TokenTexts(model.generator().tokenizer());
  }

  @Override
  Map<String, @Nullable Object> complete(int choice, List<Piece> pieces, List<Scored> tokens) {
    StringBuilder text = new StringBuilder();
    StringBuilder thinking = new StringBuilder();
    StringBuilder arguments = new StringBuilder();
    ChatPart.CallBegin begun = null;
    List<Object> calls = new ArrayList<>();
    for (Piece piece : pieces) {
      for (ChatPart part : piece.parts()) {
        if (part instanceof ChatPart.Text more) {
          text.append(more.text());
        } else if (part instanceof ChatPart.Thinking more) {
          thinking.append(more.text());
        } else if (part instanceof ChatPart.CallBegin begin) {
          begun = begin;
          arguments.setLength(0);
        } else if (part instanceof ChatPart.CallArguments more) {
          arguments.append(more.json());
        } else if (part instanceof ChatPart.CallEnd end) {
          begun = null;
          calls.add(call(end.call().id(), end.call().name(), end.call().arguments()));
        }
      }
    }
    if (begun != null) { // cut off: as far as it got, as in a stream
      calls.add(call(begun.id(), begun.name(), arguments.toString()));
    }
    Map<String, @Nullable Object> message = new LinkedHashMap<>();
    message.put("role", "assistant");
    message.put("content", text.isEmpty() && !calls.isEmpty() ? null : text.toString());
    message.put("refusal", null);
    if (!thinking.isEmpty()) {
      message.put("reasoning_content", thinking.toString());
    }
    if (!calls.isEmpty()) {
      message.put("tool_calls", calls);
    }
    return choice("message", message, tokens);
  }

  @Override
  Map<String, @Nullable Object> part(Piece piece) {
    Map<String, @Nullable Object> delta = new LinkedHashMap<>();
    if (begun.add(piece.choice())) {
      delta.put("role", "assistant");
    }
    StringBuilder text = new StringBuilder();
    StringBuilder thinking = new StringBuilder();
    List<Object> calls = new ArrayList<>();
    for (ChatPart part : piece.parts()) {
      if (part instanceof ChatPart.Text more) {
        text.append(more.text());
      } else if (part instanceof ChatPart.Thinking more) {
        thinking.append(more.text());
      } else if (part instanceof ChatPart.CallBegin begin) {
        Map<String, Object> call = new LinkedHashMap<>(Map.of("index", begin.index()));
        call.putAll(call(begin.id(), begin.name(), ""));
        calls.add(call);
      } else if (part instanceof ChatPart.CallArguments more) {
        Map<String, Object> call = new LinkedHashMap<>(Map.of("index", more.index()));
        call.put("function", Map.of("arguments", more.json()));
        calls.add(call);
      }
    }
    if (!thinking.isEmpty()) {
      delta.put("reasoning_content", thinking.toString());
    }
    if (!calls.isEmpty()) {
      delta.put("tool_calls", calls);
    }
    boolean silent = piece.finish() != null && !called.contains(piece.choice());
    if (!text.isEmpty() || (silent && !said.contains(piece.choice()))) {
      said.add(piece.choice());
      delta.put("content", text.toString());
    }
    return choice("delta", delta, piece.tokens());
  }

  @Override
  void addTo(Map<String, @Nullable Object> whole, Answer answer) {
    if (!answer.promptScores().isEmpty()) {
      whole.put("prompt_logprobs", promptLogprobs(texts, answer.promptScores().get(0)));
    }
  }

  @Override
  boolean isEmpty(Piece piece) {
    return piece.parts().stream().allMatch(ChatPart.CallEnd.class::isInstance);
  }

  @Override
  void hear(Piece piece) {
    for (ChatPart part : piece.parts()) {
      if (part instanceof ChatPart.CallBegin) {
        called.add(piece.choice());
        calling.add(piece.choice());
      } else if (part instanceof ChatPart.CallEnd) {
        calling.remove(piece.choice());
      }
    }
  }

  /** Who reads {@code tool_calls} runs them all: half a call must not be among them. */
  @Override
  String stopped(int choice) {
    return called.contains(choice) && !calling.contains(choice)
        ? "tool_calls"
        : super.stopped(choice);
  }

  private static Map<String, Object> call(String id, String name, String arguments) {
    Map<String, Object> function = new LinkedHashMap<>();
    function.put("name", name);
    function.put("arguments", arguments);
    Map<String, Object> call = new LinkedHashMap<>();
    call.put("id", id);
    call.put("type", "function");
    call.put("function", function);
    return call;
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
