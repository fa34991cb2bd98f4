package io.fundamentallm.webservice.request;

import io.fundamentallm.webservice.error.ApiException;
import io.fundamentallm.webservice.json.Fields;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Reads requests to {@code /v1/messages}: says in OpenAI's words what Anthropic's mean, and leaves
 * the rest to {@link ChatRequests}. Thread-safe.
 */
final class MessagesRequests {
  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

  private final ChatRequests chats;

  MessagesRequests(ChatRequests chats) {
    this.chats = chats;
  }

  /**
   * What a request asks for.
   *
   * @throws ApiException if something is wrong with it
   */
  AnswerPlan read(Fields fields) {
    ClientNames names = names();
    ObjectNode chat = chat(fields, names);
    return names.naming(() -> chats.read(new Fields(chat, "")));
  }

  /** The same in OpenAI's words. */
  static ObjectNode chat(Fields fields, ClientNames names) {
    ObjectNode chat = JSON.objectNode();
    copy(fields, "model", chat, "model");
    if (copy(fields, "max_tokens", chat, "max_completion_tokens") == null) {
      throw fields.bad("max_tokens", "is missing");
    }
    copy(fields, "temperature", chat, "temperature");
    copy(fields, "top_p", chat, "top_p");
    copy(fields, "top_k", chat, "top_k");
    copy(fields, "stop_sequences", chat, "stop");
    copy(fields, "stream", chat, "stream");
    copy(fields, "seed", chat, "seed"); // not Anthropic's, but a text that comes again
    fields.value("metadata"); // who asks
    fields.oneOf("service_tier", "auto", "standard_only");
    ArrayNode messages = chat.putArray("messages");
    JsonNode system = fields.value("system");
    if (system != null) {
      messages.addObject().put("role", "system").set("content", texts(fields, "system", system));
      names.put("messages[0].content", "system");
    }
    messages(fields, messages, names);
    tools(fields, chat, names);
    choice(fields, chat);
    thinking(fields, chat);
    outputConfig(fields, chat);
    fields.requireAllRead();
    return chat;
  }

  /** Of what has one place in a request. */
  private static ClientNames names() {
    ClientNames names = new ClientNames();
    names.put("max_completion_tokens", "max_tokens");
    names.put("stop", "stop_sequences");
    names.put("reasoning_budget", "thinking.budget_tokens");
    names.put("tool_choice.function", "tool_choice");
    names.put("response_format", "output_config.format");
    names.put("response_format.json_schema", "output_config.format");
    return names;
  }

  private static @Nullable JsonNode copy(Fields from, String name, ObjectNode to, String as) {
    JsonNode value = from.value(name);
    if (value != null) {
      to.set(as, value);
    }
    return value;
  }

  /** A string, or blocks of text; where a cache may begin is of no matter here. */
  private static JsonNode texts(Fields fields, String name, JsonNode content) {
    if (!content.isArray()) {
      return content;
    }
    ArrayNode parts = JSON.arrayNode();
    for (int i = 0; i < content.size(); i++) {
      Fields block = fields.element(name, i);
      if (!"text".equals(block.text("type"))) {
        throw block.bad("type", "must be text");
      }
      parts.addObject().put("type", "text").set("text", text(block, "text"));
    }
    return parts;
  }

  private static JsonNode text(Fields block, String name) {
    String text = block.text(name);
    if (text == null) {
      throw block.bad(name, "is missing");
    }
    block.value("cache_control");
    block.empty("citations", "these are texts alone");
    block.requireAllRead();
    return JSON.stringNode(text);
  }

  private static void messages(Fields fields, ArrayNode out, ClientNames names) {
    JsonNode array = fields.value("messages");
    if (array == null || !array.isArray() || array.isEmpty()) {
      throw fields.bad("messages", "must be an array of at least one message");
    }
    for (int i = 0; i < array.size(); i++) {
      Fields message = fields.element("messages", i);
      String role = message.text("role");
      if (role == null || !(role.equals("user") || role.equals("assistant"))) {
        throw message.bad("role", "must be user or assistant");
      }
      JsonNode content = message.value("content");
      message.requireAllRead();
      if (content != null && content.isArray()) {
        blocks(message, role, content, out, "messages[" + i + "]", names);
      } else {
        names.put(ClientNames.next(out), "messages[" + i + "]");
        ObjectNode turn = out.addObject().put("role", role);
        if (content != null) {
          turn.set("content", content);
        }
      }
    }
  }

  private static void blocks(
      Fields message,
      String role,
      JsonNode content,
      ArrayNode out,
      String path,
      ClientNames names) {
    ArrayNode texts = JSON.arrayNode();
    ArrayNode calls = JSON.arrayNode();
    Map<String, String> parts = new HashMap<>();
    StringBuilder thinking = new StringBuilder();
    boolean results = false;
    for (int i = 0; i < content.size(); i++) {
      Fields block = message.element("content", i);
      String type = block.text("type");
      String at = path + ".content[" + i + "]";
      switch (role + " " + type) {
        case "user text", "assistant text" -> {
          parts.put(".content[" + texts.size() + "]", at);
          texts.addObject().put("type", "text").set("text", text(block, "text"));
        }
        case "user tool_result" -> {
          names.put(ClientNames.next(out), at);
          names.put(ClientNames.next(out) + ".tool_call_id", at + ".tool_use_id");
          out.add(result(block));
          results = true;
        }
        case "assistant tool_use" -> {
          parts.put(".tool_calls[" + calls.size() + "]", at);
          parts.put(".tool_calls[" + calls.size() + "].function", at);
          calls.add(call(block));
        }
        case "assistant thinking" -> {
          block.text("signature");
          thinking.append(text(block, "thinking").stringValue());
        }
        case "assistant redacted_thinking" -> block.value("data");
        default -> throw block.bad("type", "is not supported here in a message of the " + role);
      }
    }
    if (texts.isEmpty() && results) {
      return;
    }
    String its = ClientNames.next(out);
    names.put(its, path);
    names.put(its + ".tool_calls", path + ".content");
    parts.forEach((part, block) -> names.put(its + part, block));
    ObjectNode turn = out.addObject().put("role", role);
    if (!calls.isEmpty()) {
      turn.set("tool_calls", calls);
    }
    if (!texts.isEmpty() || calls.isEmpty()) {
      turn.set("content", texts.isEmpty() ? JSON.stringNode("") : texts);
    }
    if (!thinking.isEmpty()) {
      turn.put("reasoning_content", thinking.toString());
    }
  }

  private static ObjectNode result(Fields block) {
    ObjectNode turn = JSON.objectNode().put("role", "tool");
    copy(block, "tool_use_id", turn, "tool_call_id");
    block.flag("is_error");
    block.value("cache_control");
    JsonNode content = block.value("content");
    turn.set("content", content == null ? JSON.stringNode("") : texts(block, "content", content));
    block.requireAllRead();
    return turn;
  }

  private static ObjectNode call(Fields block) {
    ObjectNode call = JSON.objectNode().put("type", "function");
    copy(block, "id", call, "id");
    ObjectNode function = call.putObject("function");
    copy(block, "name", function, "name");
    JsonNode input = block.value("input");
    block.value("cache_control");
    block.value("caller");
    block.requireAllRead();
    function.put("arguments", input == null ? "{}" : input.toString());
    return call;
  }

  private static void tools(Fields fields, ObjectNode chat, ClientNames names) {
    JsonNode array = fields.value("tools");
    if (array == null) {
      return;
    }
    if (!array.isArray()) {
      throw fields.bad("tools", "must be an array of tools");
    }
    ArrayNode tools = chat.putArray("tools");
    for (int i = 0; i < array.size(); i++) {
      Fields tool = fields.element("tools", i);
      names.put("tools[" + i + "].function", "tools[" + i + "]");
      names.put("tools[" + i + "].function.parameters", "tools[" + i + "].input_schema");
      tool.oneOf("type", "custom");
      ObjectNode function = tools.addObject().put("type", "function").putObject("function");
      copy(tool, "name", function, "name");
      copy(tool, "description", function, "description");
      copy(tool, "input_schema", function, "parameters");
      tool.flag("strict"); // the schema is always enforced
      tool.value("cache_control");
      tool.requireAllRead();
    }
  }

  private static void choice(Fields fields, ObjectNode chat) {
    Fields choice = fields.inner("tool_choice");
    if (choice == null) {
      return;
    }
    String type = choice.text("type");
    String name = choice.text("name");
    if (choice.flag("disable_parallel_tool_use")) {
      chat.put("parallel_tool_calls", false);
    }
    choice.requireAllRead();
    switch (type == null ? "" : type) {
      case "auto", "none" -> chat.put("tool_choice", type);
      case "any" -> chat.put("tool_choice", "required");
      case "tool" ->
          chat.putObject("tool_choice")
              .put("type", "function")
              .putObject("function")
              .put("name", name);
      default -> throw choice.bad("type", "must be auto, any, tool or none");
    }
    if (!chat.has("tools") && !"none".equals(type)) {
      chat.remove("tool_choice");
    }
  }

  private static void thinking(Fields fields, ObjectNode chat) {
    Fields thinking = fields.inner("thinking");
    if (thinking == null) {
      return;
    }
    thinking.oneOf("type", "enabled", "disabled", "adaptive");
    thinking.text("display");
    if ("disabled".equals(thinking.text("type"))) {
      chat.put("reasoning_effort", "none");
    } else {
      copy(thinking, "budget_tokens", chat, "reasoning_budget");
      chat.put("reasoning_effort", "medium");
    }
    thinking.requireAllRead();
  }

  /** The format of the answer's text, and how much the model takes trouble. */
  private static void outputConfig(Fields fields, ObjectNode chat) {
    Fields config = fields.inner("output_config");
    if (config == null) {
      return;
    }
    config.oneOf("effort", "low", "medium", "high", "xhigh", "max");
    String effort = config.text("effort");
    boolean thinks = !chat.path("reasoning_effort").stringValue("").equals("none");
    if (effort != null && thinks) {
      chat.put("reasoning_effort", effort.equals("max") ? "xhigh" : effort);
    }
    Fields format = config.inner("format");
    config.requireAllRead();
    if (format == null) {
      return;
    }
    format.oneOf("type", "json_schema");
    JsonNode schema = format.value("schema");
    if (schema == null) {
      throw format.bad("schema", "is missing");
    }
    format.requireAllRead();
    chat.putObject("response_format")
        .put("type", "json_schema")
        .putObject("json_schema")
        .set("schema", schema);
  }
}
