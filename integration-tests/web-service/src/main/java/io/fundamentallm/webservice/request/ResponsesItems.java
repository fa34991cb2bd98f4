package io.fundamentallm.webservice.request;

import io.fundamentallm.webservice.json.Fields;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * The items of a request to {@code /v1/responses} as the turns of a chat. An answer is one turn
 * there, and several items here: what was thought, what was said, and each call. One thread at a
 * time.
 */
final class ResponsesItems {
  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

  private final ArrayNode messages;
  private final ClientNames names;

  /** The answer that further calls belong to. */
  private @Nullable ObjectNode answer;

  /** What was thought, until the answer comes that it belongs to. */
  private final StringBuilder thinking = new StringBuilder();

  /** The item of it. */
  private String thought = "";

  ResponsesItems(ArrayNode messages, ClientNames names) {
    this.messages = messages;
    this.names = names;
  }

  /**
   * Adds the turns of the field {@code input}.
   *
   * @throws io.fundamentallm.webservice.error.ApiException if something is wrong with it
   */
  void read(Fields fields) {
    JsonNode input = fields.value("input");
    if (input != null && input.isString()) {
      names.put(ClientNames.next(messages) + ".content", "input");
      messages.addObject().put("role", "user").set("content", input);
      return;
    }
    if (input == null || !input.isArray() || input.isEmpty()) {
      throw fields.bad("input", "must be a string, or an array of at least one item");
    }
    for (int i = 0; i < input.size(); i++) {
      Fields item = fields.element("input", i);
      item.text("id");
      item.text("status");
      add(item, "input[" + i + "]");
      item.requireAllRead();
    }
    leaveUnsaid();
  }

  private void add(Fields item, String at) {
    String type = item.text("type");
    switch (type == null ? "message" : type) {
      case "message" -> message(item, at);
      case "function_call" -> call(item, at);
      case "function_call_output" -> output(item, at);
      case "reasoning" -> {
        thought = at;
        thinking.append(reasoning(item));
        answer = null;
      }
      default -> throw item.bad("type", "is not supported here");
    }
  }

  private void message(Fields item, String at) {
    ObjectNode message = message(item);
    boolean said = message.path("role").stringValue("").equals("assistant");
    if (!said) {
      leaveUnsaid();
    }
    names.put(ClientNames.next(messages), at);
    messages.add(message);
    answer = said ? message : null;
    if (said) {
      think(message);
    }
  }

  /** The last turn is the answer that what was thought belongs to. */
  private void think(ObjectNode turn) {
    if (!thinking.isEmpty()) {
      String field = "reasoning_content";
      names.put("messages[" + (messages.size() - 1) + "]." + field, thought + ".content");
      turn.put(field, turn.path(field).stringValue("") + thinking);
      thinking.setLength(0);
    }
  }

  /** What was thought before an answer was cut off is no thinking of a later one. */
  private void leaveUnsaid() {
    if (!thinking.isEmpty()) {
      names.put(ClientNames.next(messages), thought);
      think(messages.addObject().put("role", "assistant").put("content", ""));
    }
  }

  private void call(Fields item, String at) {
    ObjectNode calling = answer;
    if (calling == null) {
      names.put(ClientNames.next(messages), at);
      calling = messages.addObject().put("role", "assistant");
      answer = calling;
      think(calling);
    }
    ArrayNode calls = calling.withArray("tool_calls");
    String all = "messages[" + (messages.size() - 1) + "].tool_calls";
    names.put(all, at); // until the next
    names.put(all + "[" + calls.size() + "]", at);
    names.put(all + "[" + calls.size() + "].id", at + ".call_id");
    names.put(all + "[" + calls.size() + "].function", at);
    ObjectNode call = calls.addObject().put("type", "function");
    copy(item, "call_id", call, "id");
    ObjectNode function = call.putObject("function");
    copy(item, "name", function, "name");
    copy(item, "arguments", function, "arguments");
  }

  private static void copy(Fields from, String name, ObjectNode to, String as) {
    JsonNode value = from.value(name);
    if (value != null) {
      to.set(as, value);
    }
  }

  private static ObjectNode message(Fields item) {
    ObjectNode message = JSON.objectNode();
    copy(item, "role", message, "role");
    item.text("phase");
    JsonNode content = item.value("content");
    if (content != null) {
      message.set("content", texts(item, "content", content));
    }
    return message;
  }

  /** A string, or parts of text. */
  private static JsonNode texts(Fields item, String name, JsonNode content) {
    if (!content.isArray()) {
      return content;
    }
    ArrayNode parts = JSON.arrayNode();
    for (int i = 0; i < content.size(); i++) {
      Fields part = item.element(name, i);
      part.oneOf("type", "input_text", "output_text", "text");
      ObjectNode text = parts.addObject().put("type", "text");
      copy(part, "text", text, "text");
      part.empty("annotations", "these are texts alone");
      part.empty("logprobs", "these are texts alone");
      part.requireAllRead();
    }
    return parts;
  }

  private void output(Fields item, String at) {
    JsonNode last = messages.isEmpty() ? null : messages.get(messages.size() - 1);
    if (last instanceof ObjectNode calling && calling.has("tool_calls")) {
      think(calling); // nothing may stand between a call and its result
    }
    leaveUnsaid();
    names.put(ClientNames.next(messages), at);
    names.put(ClientNames.next(messages) + ".tool_call_id", at + ".call_id");
    names.put(ClientNames.next(messages) + ".content", at + ".output");
    ObjectNode turn = messages.addObject().put("role", "tool");
    copy(item, "call_id", turn, "tool_call_id");
    JsonNode output = item.value("output");
    if (output == null || !(output.isString() || output.isArray())) {
      throw item.bad("output", "must be a string, or an array of parts of the type input_text");
    }
    turn.set("content", texts(item, "output", output));
    answer = null;
  }

  private static String reasoning(Fields item) {
    item.value("summary");
    item.value("encrypted_content");
    JsonNode content = item.value("content");
    StringBuilder text = new StringBuilder();
    if (content != null) {
      content.forEach(part -> text.append(part.path("text").stringValue("")));
    }
    return text.toString();
  }
}
