package io.fundamentallm.webservice.answer;

import io.fundamentallm.decoding.FinishReason;
import io.fundamentallm.webservice.error.ErrorBody;
import io.fundamentallm.webservice.model.ServedModel;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** The answers of {@code /v1/responses}: an item for each block. */
public final class ResponsesFormat extends BlockFormat {
  private final String id = "resp_" + UUID.randomUUID();
  private final long created = System.currentTimeMillis() / 1000;
  private final ServedModel model;
  private final Map<String, Object> request;
  private int sequence;

  /**
   * Of one answer.
   *
   * @param request fields of the request, which the response repeats
   */
  public ResponsesFormat(ServedModel model, Map<String, Object> request) {
    this.model = model;
    this.request = request;
  }

  @Override
  List<byte[]> start(Answer answer) {
    List<byte[]> events = new ArrayList<>();
    for (String type : List.of("response.created", "response.in_progress")) {
      Map<String, @Nullable Object> event = named(type);
      event.put("response", response("in_progress", List.of(), null));
      events.add(sent(event));
    }
    return events;
  }

  @Override
  List<byte[]> begin(Block block) {
    Map<String, @Nullable Object> added = of("response.output_item.added", block);
    added.remove("item_id");
    added.put("item", item(block, "in_progress", ""));
    List<byte[]> events = new ArrayList<>(List.of(sent(added)));
    if (block.kind != Kind.CALL) {
      Map<String, @Nullable Object> part = of("response.content_part.added", block);
      part.put("content_index", 0);
      part.put("part", part(block, ""));
      events.add(sent(part));
    }
    return events;
  }

  @Override
  List<byte[]> more(Block block, String text) {
    Map<String, @Nullable Object> delta = of(stem(block) + ".delta", block);
    if (block.kind != Kind.CALL) {
      delta.put("content_index", 0);
    }
    delta.put("delta", text);
    if (block.kind == Kind.TEXT) {
      delta.put("logprobs", List.of());
    }
    return List.of(sent(delta));
  }

  @Override
  List<byte[]> end(Block block) {
    String text = block.text.toString();
    List<byte[]> events = new ArrayList<>();
    Map<String, @Nullable Object> done = of(stem(block) + ".done", block);
    if (block.kind == Kind.CALL) {
      done.put("name", block.name);
      done.put("arguments", text);
      events.add(sent(done));
    } else {
      done.put("content_index", 0);
      done.put("text", text);
      if (block.kind == Kind.TEXT) {
        done.put("logprobs", List.of());
      }
      events.add(sent(done));
      Map<String, @Nullable Object> part = of("response.content_part.done", block);
      part.put("content_index", 0);
      part.put("part", part(block, text));
      events.add(sent(part));
    }
    Map<String, @Nullable Object> item = of("response.output_item.done", block);
    item.remove("item_id");
    item.put("item", item(block, status(block), text));
    events.add(sent(item));
    return events;
  }

  @Override
  List<byte[]> finish(Answer answer) {
    Map<String, @Nullable Object> event =
        named(isWhole() ? "response.completed" : "response.incomplete");
    event.put("response", whole(answer));
    return List.of(sent(event));
  }

  @Override
  Object whole(Answer answer) {
    List<Object> output = new ArrayList<>();
    int last = blocks().size() - 1; // the one that was cut, if any was
    for (Block block : blocks()) {
      String status = output.size() < last ? "completed" : status(block);
      output.add(item(block, status, block.text.toString()));
    }
    return response(status(), output, answer);
  }

  @Override
  byte[] failure(Throwable error) {
    Map<String, @Nullable Object> event = named("error");
    if (ErrorBody.of(error) instanceof Map<?, ?> body
        && body.get("error") instanceof Map<?, ?> its) {
      event.put("code", its.get("code"));
      event.put("message", its.get("message"));
      event.put("param", its.get("param"));
    }
    return sent(event);
  }

  private String status() {
    return isWhole() ? "completed" : "incomplete";
  }

  /** Of the last item: a call that has ended is whole, whatever cut off what comes after it. */
  private String status(Block last) {
    return last.called ? "completed" : status();
  }

  private boolean isWhole() {
    FinishReason finish = finishReason();
    return finish == null
        || switch (finish) {
          case END_TOKEN, STOP_TOKEN, STOP_STRING, STOP_CONDITION -> true;
          case MAX_NEW_TOKENS, CONTEXT_FULL, TIME_LIMIT, REPETITION, CANCELLED -> false;
        };
  }

  private static String stem(Block block) {
    return switch (block.kind) {
      case TEXT -> "response.output_text";
      case THINKING -> "response.reasoning_text";
      case CALL -> "response.function_call_arguments";
    };
  }

  private String itemId(Block block) {
    String kind =
        switch (block.kind) {
          case TEXT -> "msg_";
          case THINKING -> "rs_";
          case CALL -> "fc_";
        };
    return kind + block.index + "_" + id.substring("resp_".length());
  }

  private static Map<String, Object> part(Block block, String text) {
    Map<String, Object> part = new LinkedHashMap<>();
    part.put("type", block.kind == Kind.TEXT ? "output_text" : "reasoning_text");
    part.put("text", text);
    if (block.kind == Kind.TEXT) {
      part.put("annotations", List.of());
      part.put("logprobs", List.of());
    }
    return part;
  }

  private Object item(Block block, String status, String text) {
    boolean begun = status.equals("in_progress");
    Map<String, Object> item = new LinkedHashMap<>();
    item.put("id", itemId(block));
    switch (block.kind) {
      case TEXT -> {
        item.put("type", "message");
        item.put("role", "assistant");
        item.put("content", begun ? List.of() : List.of(part(block, text)));
      }
      case THINKING -> {
        item.put("type", "reasoning");
        item.put("summary", List.of());
        item.put("content", begun ? List.of() : List.of(part(block, text)));
      }
      case CALL -> {
        item.put("type", "function_call");
        item.put("call_id", block.id);
        item.put("name", block.name);
        item.put("arguments", text);
      }
    }
    item.put("status", status);
    return item;
  }

  private Map<String, @Nullable Object> response(
      String status, List<Object> output, @Nullable Answer answer) {
    Map<String, @Nullable Object> response = new LinkedHashMap<>();
    response.put("id", id);
    response.put("object", "response");
    response.put("created_at", created);
    response.put("status", status);
    response.put("error", null);
    response.put(
        "incomplete_details",
        status.equals("incomplete") ? Map.of("reason", "max_output_tokens") : null);
    response.put("model", model.name());
    response.put("output", output);
    response.put("background", false);
    response.put("instructions", null);
    response.put("max_output_tokens", null);
    response.put("metadata", Map.of());
    response.put("parallel_tool_calls", true);
    response.put("previous_response_id", null);
    response.put("store", false);
    response.put("temperature", null);
    response.put("text", Map.of("format", Map.of("type", "text")));
    response.put("tool_choice", "auto");
    response.put("tools", List.of());
    response.put("top_p", null);
    response.put("truncation", "disabled");
    response.putAll(request);
    response.put("usage", answer == null ? null : usage(answer));
    return response;
  }

  private static Object usage(Answer answer) {
    Map<String, Object> usage = new LinkedHashMap<>();
    usage.put("input_tokens", answer.promptTokens());
    usage.put("input_tokens_details", Map.of("cached_tokens", answer.cachedTokens()));
    usage.put("output_tokens", answer.generatedTokens());
    usage.put("output_tokens_details", Map.of("reasoning_tokens", answer.thinkingTokens()));
    usage.put("total_tokens", answer.promptTokens() + answer.generatedTokens());
    return usage;
  }

  private Map<String, @Nullable Object> of(String type, Block block) {
    Map<String, @Nullable Object> event = named(type);
    event.put("item_id", itemId(block));
    event.put("output_index", block.index);
    return event;
  }

  private Map<String, @Nullable Object> named(String type) {
    Map<String, @Nullable Object> event = new LinkedHashMap<>();
    event.put("type", type);
    event.put("sequence_number", sequence++);
    return event;
  }

  private static byte[] sent(Map<String, @Nullable Object> event) {
    return event(String.valueOf(event.get("type")), event);
  }
}
