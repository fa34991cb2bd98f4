package io.fundamentallm.training;

import io.fundamentallm.internal.corpus.JsonRecords;
import io.fundamentallm.internal.json.Json;
import io.fundamentallm.internal.json.JsonWriter;
import io.fundamentallm.text.ChatMessage;
import io.fundamentallm.text.ChatPrompt;
import io.fundamentallm.text.ChatTool;
import io.fundamentallm.text.ChatToolCall;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Conversations in the layouts that people have them in: OpenAI's {@code messages} and ShareGPT's
 * {@code conversations}. Problems are {@link IllegalArgumentException}s that name the message.
 */
final class MessageJson {
  /** ShareGPT's and others' names of who speaks. */
  private static final Map<String, String> ROLES =
      Map.ofEntries(
          Map.entry("human", "user"),
          Map.entry("user", "user"),
          Map.entry("gpt", "assistant"),
          Map.entry("chatgpt", "assistant"),
          Map.entry("bot", "assistant"),
          Map.entry("model", "assistant"),
          Map.entry("assistant", "assistant"),
          Map.entry("function_call", "assistant"),
          Map.entry("system", "system"),
          Map.entry("tool", "tool"),
          Map.entry("observation", "tool"),
          Map.entry("function_response", "tool"));

  /** The roles of OpenAI's messages. */
  private static final List<String> KNOWN =
      List.of("system", "developer", "user", "assistant", "tool");

  private MessageJson() {}

  /** The conversation of an object. */
  static ChatPrompt conversation(Map<String, @Nullable Object> object) {
    List<ChatMessage> messages;
    if (object.containsKey("messages")) {
      messages = messages("messages", object.get("messages"));
    } else if (object.containsKey("conversations")) {
      messages = shareGpt(object);
    } else {
      throw new IllegalArgumentException(
          "there are neither \"messages\" nor \"conversations\"; the fields are "
              + Json.shown(String.join(", ", object.keySet())));
    }
    return prompt(object, messages);
  }

  /** Messages with the tools that stand beside them. */
  static ChatPrompt prompt(Map<String, @Nullable Object> object, List<ChatMessage> messages) {
    if (object.get("functions") != null) {
      throw new IllegalArgumentException(
          "\"functions\" is OpenAI's former layout; expected \"tools\", and \"tool_calls\" in"
              + " messages");
    }
    return ChatPrompt.builder(messages).tools(tools(object.get("tools"))).build();
  }

  /** A list of messages in OpenAI's layout. */
  static List<ChatMessage> messages(String field, @Nullable Object value) {
    List<ChatMessage> messages = new ArrayList<>();
    for (Object item : list(field, value)) {
      String place = field + "[" + messages.size() + "]";
      messages.add(message(place, object(place, item), messages));
    }
    return messages;
  }

  private static ChatMessage message(String place, Map<?, ?> message, List<ChatMessage> before) {
    String role = text(place + ".role", message.get("role"));
    if (!KNOWN.contains(role)) {
      throw new IllegalArgumentException(
          place
              + ".role is \""
              + Json.shown(role)
              + "\"; expected one of "
              + String.join(", ", KNOWN));
    }
    if (message.get("function_call") != null) {
      throw new IllegalArgumentException(
          place + ": \"function_call\" is OpenAI's former layout; expected \"tool_calls\"");
    }
    if (message.get("weight") != null && !message.get("weight").toString().equals("1")) {
      throw new IllegalArgumentException(
          place + ".weight is " + message.get("weight") + ": all answers are learned alike");
    }
    String thinking = optional(place + ".reasoning_content", message.get("reasoning_content"));
    if (thinking.isEmpty()) {
      thinking = optional(place + ".thinking", message.get("thinking"));
    }
    String id = optional(place + ".tool_call_id", message.get("tool_call_id"));
    String name = role.equals("tool") ? optional(place + ".name", message.get("name")) : "";
    List<ChatToolCall> calls = new ArrayList<>();
    if (message.get("tool_calls") != null) {
      for (Object call : list(place + ".tool_calls", message.get("tool_calls"))) {
        calls.add(call(place + ".tool_calls[" + calls.size() + "]", call));
      }
    }
    return new ChatMessage(
        role.equals("developer") ? "system" : role, // as the service does; templates know this one
        content(place + ".content", message.get("content"), !calls.isEmpty()),
        thinking,
        calls,
        id,
        name.isEmpty() ? nameOf(id, before) : name);
  }

  /** The tool that a call named, which results may leave out. */
  private static String nameOf(String id, List<ChatMessage> before) {
    return before.stream()
        .flatMap(message -> message.toolCalls().stream())
        .filter(call -> !id.isEmpty() && call.id().equals(id))
        .map(ChatToolCall::name)
        .reduce("", (one, other) -> other);
  }

  private static String content(String place, @Nullable Object value, boolean mayLack) {
    if (value == null && mayLack) {
      return "";
    }
    if (!(value instanceof List<?> parts)) {
      return text(place, value);
    }
    List<String> texts = new ArrayList<>();
    for (Object part : parts) {
      Map<?, ?> object = object(place, part);
      if (!"text".equals(object.get("type"))) {
        throw new IllegalArgumentException(
            place
                + " has a part of the type "
                + JsonRecords.kind(object.get("type"))
                + "; only text can be learned");
      }
      texts.add(text(place + ".text", object.get("text")));
    }
    return ChatMessage.joinParts(texts);
  }

  private static ChatToolCall call(String place, @Nullable Object value) {
    Map<?, ?> call = object(place, value);
    Object wrapped = call.get("function");
    Map<?, ?> function = wrapped == null ? call : object(place + ".function", wrapped);
    return new ChatToolCall(
        optional(place + ".id", call.get("id")),
        text(place + ".name", function.get("name")),
        arguments(place + ".arguments", function.get("arguments")));
  }

  /** As a text of JSON or as the object itself; both are in use. */
  private static String arguments(String place, @Nullable Object value) {
    return value instanceof String text ? text : json(place, value);
  }

  /** An object as text; an empty one for none. */
  private static String json(String place, @Nullable Object value) {
    Map<String, @Nullable Object> copy = new LinkedHashMap<>();
    if (value != null) {
      object(place, value).forEach((key, item) -> copy.put(String.valueOf(key), item));
    }
    return JsonWriter.compact(copy);
  }

  private static List<ChatTool> tools(@Nullable Object value) {
    List<ChatTool> tools = new ArrayList<>();
    if (value == null || "".equals(value)) {
      return tools;
    }
    // LLaMA-Factory has them as a text
    Object read = value instanceof String text ? Json.object("{\"tools\":" + text + "}") : value;
    for (Object item : list("tools", read instanceof Map<?, ?> map ? map.get("tools") : read)) {
      String place = "tools[" + tools.size() + "]";
      Map<?, ?> tool = object(place, item);
      Object wrapped = tool.get("function");
      Map<?, ?> function = wrapped == null ? tool : object(place + ".function", wrapped);
      tools.add(
          new ChatTool(
              text(place + ".name", function.get("name")),
              optional(place + ".description", function.get("description")),
              json(place + ".parameters", function.get("parameters"))));
    }
    return tools;
  }

  private static List<ChatMessage> shareGpt(Map<String, @Nullable Object> object) {
    List<ChatMessage> messages = new ArrayList<>();
    if (object.get("system") instanceof String system && !system.isEmpty()) {
      messages.add(ChatMessage.system(system));
    }
    List<?> turns = list("conversations", object.get("conversations"));
    for (int i = 0; i < turns.size(); i++) {
      String place = "conversations[" + i + "]";
      Map<?, ?> turn = object(place, turns.get(i));
      String from = text(place + ".from", turn.get("from"));
      String role = ROLES.get(from);
      if (role == null) {
        throw new IllegalArgumentException(
            place
                + ".from is \""
                + Json.shown(from)
                + "\"; expected human, gpt, system, tool, observation or function_call");
      }
      String value = text(place + ".value", turn.get("value"));
      messages.add(
          from.equals("function_call")
              ? ChatMessage.assistant("", List.of(call(place + ".value", Json.object(value))))
              : new ChatMessage(role, value));
    }
    return messages;
  }

  private static List<?> list(String place, @Nullable Object value) {
    if (value instanceof List<?> list && !list.isEmpty()) {
      return list;
    }
    throw new IllegalArgumentException(
        place
            + " is "
            + (value instanceof List ? "an empty list" : JsonRecords.kind(value))
            + "; expected a list of at least one");
  }

  private static Map<?, ?> object(String place, @Nullable Object value) {
    if (value instanceof Map<?, ?> map) {
      return map;
    }
    throw new IllegalArgumentException(
        place + " is " + JsonRecords.kind(value) + "; expected an object");
  }

  private static String text(String place, @Nullable Object value) {
    if (value instanceof String text) {
      return text;
    }
    throw new IllegalArgumentException(
        place + " is " + JsonRecords.kind(value) + "; expected a text");
  }

  private static String optional(String place, @Nullable Object value) {
    return value == null ? "" : text(place, value);
  }
}
