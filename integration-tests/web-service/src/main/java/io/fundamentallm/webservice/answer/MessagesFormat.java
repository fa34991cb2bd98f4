package io.fundamentallm.webservice.answer;

import io.fundamentallm.decoding.FinishReason;
import io.fundamentallm.webservice.error.ErrorBody;
import io.fundamentallm.webservice.json.JsonBodies;
import io.fundamentallm.webservice.model.ServedModel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** The answers of {@code /v1/messages}, as Anthropic writes them. */
public final class MessagesFormat extends BlockFormat {
  private static final String STOP_SEQUENCE = "stop_sequence";

  private final String id = "msg_" + UUID.randomUUID();
  private final ServedModel model;

  public MessagesFormat(ServedModel model) {
    this.model = model;
  }

  @Override
  List<byte[]> start(Answer answer) {
    Map<String, @Nullable Object> start = named("message_start");
    start.put("message", message(List.of(), null, null, usage(answer, 0)));
    return List.of(sent(start));
  }

  @Override
  List<byte[]> begin(Block block) {
    Map<String, @Nullable Object> begin = named("content_block_start");
    begin.put("index", block.index);
    begin.put("content_block", content(block, ""));
    return List.of(sent(begin));
  }

  @Override
  List<byte[]> more(Block block, String text) {
    String type =
        switch (block.kind) {
          case TEXT -> "text_delta";
          case THINKING -> "thinking_delta";
          case CALL -> "input_json_delta";
        };
    String field =
        switch (block.kind) {
          case TEXT -> "text";
          case THINKING -> "thinking";
          case CALL -> "partial_json";
        };
    Map<String, @Nullable Object> delta = named("content_block_delta");
    delta.put("index", block.index);
    delta.put("delta", Map.of("type", type, field, text));
    return List.of(sent(delta));
  }

  @Override
  List<byte[]> end(Block block) {
    Map<String, @Nullable Object> end = named("content_block_stop");
    end.put("index", block.index);
    return List.of(sent(end));
  }

  @Override
  List<byte[]> finish(Answer answer) {
    Map<String, @Nullable Object> stop = new LinkedHashMap<>();
    stop.put("stop_reason", stopReason());
    stop.put(STOP_SEQUENCE, stopSequence(answer));
    Map<String, @Nullable Object> delta = named("message_delta");
    delta.put("delta", stop);
    delta.put("usage", usage(answer, answer.generatedTokens()));
    return List.of(sent(delta), sent(named("message_stop")));
  }

  @Override
  Object whole(Answer answer) {
    List<Object> content = new ArrayList<>();
    blocks().forEach(block -> content.add(content(block, block.text.toString())));
    return message(
        content, stopReason(), stopSequence(answer), usage(answer, answer.generatedTokens()));
  }

  @Override
  byte[] failure(Throwable error) {
    return event("error", ErrorBody.messages(error));
  }

  private String stopReason() {
    FinishReason finish = finishReason();
    if (finish == null) {
      return "end_turn";
    }
    return switch (finish) {
      case END_TOKEN, STOP_TOKEN, STOP_CONDITION -> hasCalls() ? "tool_use" : "end_turn";
      case STOP_STRING -> hasCalls() ? "tool_use" : STOP_SEQUENCE;
      case MAX_NEW_TOKENS, CONTEXT_FULL, TIME_LIMIT, REPETITION, CANCELLED -> "max_tokens";
    };
  }

  /** Which of the client's stop sequences ended the text, if that is what the reason says. */
  private @Nullable String stopSequence(Answer answer) {
    return STOP_SEQUENCE.equals(stopReason()) ? answer.matchedStop() : null;
  }

  private static Object content(Block block, String text) {
    Map<String, Object> content = new LinkedHashMap<>();
    switch (block.kind) {
      case TEXT -> {
        content.put("type", "text");
        content.put("text", text);
      }
      case THINKING -> {
        content.put("type", "thinking");
        content.put("thinking", text);
        content.put("signature", "");
      }
      case CALL -> {
        content.put("type", "tool_use");
        content.put("id", block.id);
        content.put("name", block.name);
        content.put("input", input(text));
      }
    }
    return content;
  }

  /** Arguments as an object; what was cut off in the middle cannot be one. */
  private static Object input(String json) {
    try {
      return json.isEmpty()
          ? Map.of()
          : JsonBodies.tree(null, json.getBytes(StandardCharsets.UTF_8));
    } catch (RuntimeException e) {
      return Map.of();
    }
  }

  private Map<String, @Nullable Object> message(
      List<Object> content,
      @Nullable String stopReason,
      @Nullable String stopSequence,
      Object usage) {
    Map<String, @Nullable Object> message = new LinkedHashMap<>();
    message.put("id", id);
    message.put("type", "message");
    message.put("role", "assistant");
    message.put("model", model.name());
    message.put("content", content);
    message.put("stop_reason", stopReason);
    message.put(STOP_SEQUENCE, stopSequence);
    message.put("usage", usage);
    return message;
  }

  /** Anthropic counts what a cache had apart from the rest of the prompt. */
  private static Object usage(Answer answer, int written) {
    Map<String, Object> usage = new LinkedHashMap<>();
    usage.put("input_tokens", answer.promptTokens() - answer.cachedTokens());
    usage.put("cache_creation_input_tokens", 0);
    usage.put("cache_read_input_tokens", answer.cachedTokens());
    usage.put("output_tokens", written);
    return usage;
  }

  private static Map<String, @Nullable Object> named(String type) {
    Map<String, @Nullable Object> event = new LinkedHashMap<>();
    event.put("type", type);
    return event;
  }

  private static byte[] sent(Map<String, @Nullable Object> event) {
    return event(String.valueOf(event.get("type")), event);
  }
}
