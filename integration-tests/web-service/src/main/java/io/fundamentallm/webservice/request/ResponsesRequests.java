package io.fundamentallm.webservice.request;

import io.fundamentallm.webservice.error.ApiException;
import io.fundamentallm.webservice.json.Fields;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Reads requests to {@code /v1/responses}: says as a chat what their items mean, and leaves the
 * rest to {@link ChatRequests}. Nothing is stored, so a conversation comes with all its items.
 * Thread-safe.
 */
final class ResponsesRequests {
  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

  private static final String ENCRYPTED = "reasoning.encrypted_content";

  private static final List<String> REPEATED =
      List.of(
          "instructions",
          "max_output_tokens",
          "metadata",
          "parallel_tool_calls",
          "prompt_cache_key",
          "reasoning",
          "safety_identifier",
          "temperature",
          "text",
          "tool_choice",
          "tools",
          "top_p",
          "user");

  private final ChatRequests chats;

  ResponsesRequests(ChatRequests chats) {
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
    return names.naming(() -> chats.read(new Fields(chat, ""))).repeating(repeated(fields));
  }

  /** The same as a chat. */
  static ObjectNode chat(Fields fields, ClientNames names) {
    ObjectNode chat = JSON.objectNode();
    for (String same :
        new String[] {
          "model",
          "temperature",
          "top_p",
          "stream",
          "user",
          "safety_identifier",
          "prompt_cache_key",
          "metadata",
          "seed",
          "parallel_tool_calls",
          "service_tier"
        }) {
      copy(fields, same, chat, same);
    }
    copy(fields, "max_output_tokens", chat, "max_completion_tokens");
    fields.flag("store"); // nothing is, and no answer says that it is
    fields.oneOf("truncation", "disabled");
    include(fields);
    if (fields.flag("background")) {
      throw fields.bad("background", "must be false: nothing is stored here");
    }
    if (fields.value("previous_response_id") != null || fields.value("conversation") != null) {
      throw fields.bad(
          "previous_response_id",
          "is not known: nothing is stored here; send the earlier items as 'input'");
    }
    Fields stream = fields.inner("stream_options");
    if (stream != null) {
      stream.flag("include_obfuscation");
      stream.requireAllRead();
    }
    ArrayNode messages = chat.putArray("messages");
    String instructions = fields.text("instructions");
    if (instructions != null) {
      messages.addObject().put("role", "system").put("content", instructions);
      names.put("messages[0].content", "instructions");
    }
    new ResponsesItems(messages, names).read(fields);
    tools(fields, chat, names);
    reasoning(fields, chat);
    format(fields, chat);
    fields.requireAllRead();
    return chat;
  }

  /**
   * Clients that leave nothing with their provider always ask for thinking in ciphers, to send it
   * again: here it is in the answer as it is.
   */
  private static void include(Fields fields) {
    JsonNode include = fields.value("include");
    if (include == null) {
      return;
    }
    boolean known = include.isArray();
    for (JsonNode more : include) {
      known &= more.isString() && more.stringValue().equals(ENCRYPTED);
    }
    if (!known) {
      throw fields.bad(
          "include",
          "must be an empty array, [\""
              + ENCRYPTED
              + "\"], or left out: no more is known of an answer");
    }
  }

  /** Of what has one place in a request. */
  private static ClientNames names() {
    ClientNames names = new ClientNames();
    names.put("max_completion_tokens", "max_output_tokens");
    names.put("messages", "input");
    names.put("reasoning_effort", "reasoning.effort");
    names.put("response_format", "text.format");
    names.put("response_format.json_schema", "text.format");
    names.put("tool_choice.function", "tool_choice");
    names.put("verbosity", "text.verbosity");
    return names;
  }

  /**
   * What OpenAI's object of a response repeats, as far as it was given: the fields as they are, and
   * of each tool also what it may leave out.
   */
  private static Map<String, Object> repeated(Fields fields) {
    Map<String, Object> repeated = new HashMap<>();
    for (String name : REPEATED) {
      JsonNode value = fields.value(name);
      if (value != null) {
        repeated.put(name, value.deepCopy());
      }
    }
    if (repeated.get("tools") instanceof ArrayNode tools) {
      for (JsonNode tool : tools) {
        ObjectNode its = (ObjectNode) tool;
        its.putIfAbsent("parameters", JSON.nullNode());
        if (its.path("strict").isMissingNode() || its.path("strict").isNull()) {
          its.put("strict", true); // the schema is always enforced
        }
      }
    }
    if (repeated.get("text") instanceof ObjectNode text && !text.path("format").isObject()) {
      text.putObject("format").put("type", "text");
    }
    return repeated;
  }

  private static @Nullable JsonNode copy(Fields from, String name, ObjectNode to, String as) {
    JsonNode value = from.value(name);
    if (value != null) {
      to.set(as, value);
    }
    return value;
  }

  private static void tools(Fields fields, ObjectNode chat, ClientNames names) {
    JsonNode choice = fields.value("tool_choice");
    JsonNode array = fields.value("tools");
    if (array != null && !array.isArray()) {
      throw fields.bad("tools", "must be an array of tools");
    }
    if (array != null && !array.isEmpty()) {
      ArrayNode tools = chat.putArray("tools");
      for (int i = 0; i < array.size(); i++) {
        Fields tool = fields.element("tools", i);
        names.put("tools[" + i + "].function", "tools[" + i + "]");
        ObjectNode out = tools.addObject();
        copy(tool, "type", out, "type");
        ObjectNode function = out.putObject("function");
        copy(tool, "name", function, "name");
        copy(tool, "description", function, "description");
        copy(tool, "parameters", function, "parameters");
        copy(tool, "strict", function, "strict");
        tool.requireAllRead();
      }
    }
    if (choice != null && choice.isObject()) {
      Fields named = new Fields(choice, "tool_choice.");
      named.oneOf("type", "function");
      ObjectNode function =
          chat.putObject("tool_choice").put("type", "function").putObject("function");
      copy(named, "name", function, "name");
      named.requireAllRead();
    } else if (choice != null) {
      chat.set("tool_choice", choice);
    }
  }

  private static void reasoning(Fields fields, ObjectNode chat) {
    Fields reasoning = fields.inner("reasoning");
    if (reasoning != null) {
      copy(reasoning, "effort", chat, "reasoning_effort");
      reasoning.text("summary"); // thinking comes as it is
      reasoning.text("generate_summary");
      reasoning.requireAllRead();
    }
  }

  private static void format(Fields fields, ObjectNode chat) {
    Fields text = fields.inner("text");
    if (text == null) {
      return;
    }
    copy(text, "verbosity", chat, "verbosity");
    Fields format = text.inner("format");
    text.requireAllRead();
    if (format == null) {
      return;
    }
    ObjectNode out = chat.putObject("response_format");
    if ("json_schema".equals(format.text("type"))) {
      ObjectNode schema = out.put("type", "json_schema").putObject("json_schema");
      copy(format, "name", schema, "name");
      copy(format, "description", schema, "description");
      copy(format, "schema", schema, "schema");
      copy(format, "strict", schema, "strict");
    } else {
      copy(format, "type", out, "type");
    }
    format.requireAllRead();
  }
}
