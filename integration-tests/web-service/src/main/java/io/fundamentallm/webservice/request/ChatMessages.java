package io.fundamentallm.webservice.request;

import io.fundamentallm.text.ChatMessage;
import io.fundamentallm.text.ChatToolCall;
import io.fundamentallm.webservice.json.Fields;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/** The turns of a chat request. One thread at a time. */
final class ChatMessages {
  private final List<ChatMessage> turns = new ArrayList<>();
  private final Map<String, ChatToolCall> calls = new HashMap<>();

  private ChatMessages() {}

  /**
   * The field {@code messages}.
   *
   * @throws io.fundamentallm.webservice.error.ApiException if something is wrong with it
   */
  static List<ChatMessage> read(Fields fields) {
    JsonNode array = fields.value("messages");
    if (array == null || !array.isArray() || array.isEmpty()) {
      throw fields.bad("messages", "must be an array of at least one message");
    }
    ChatMessages messages = new ChatMessages();
    for (JsonNode message : array) {
      Fields turn = new Fields(message, "messages[" + messages.turns.size() + "].");
      messages.turns.add(messages.turn(turn));
      turn.empty("annotations", "these are texts alone");
      turn.requireAllRead();
    }
    return List.copyOf(messages.turns);
  }

  private ChatMessage turn(Fields turn) {
    String role = turn.text("role");
    turn.text("name"); // of one of several who speak: templates have no place for it
    switch (role == null ? "" : role) {
      case "system", "developer" -> {
        refuseCalls(turn);
        return ChatMessage.system(content(turn)); // templates know the older name
      }
      case "user" -> {
        refuseCalls(turn);
        return ChatMessage.user(content(turn));
      }
      case "assistant" -> {
        return answer(turn);
      }
      case "tool" -> {
        return result(turn);
      }
      default -> throw turn.bad("role", "must be system, developer, user, assistant or tool");
    }
  }

  private static void refuseCalls(Fields turn) {
    turn.empty("tool_calls", "only an assistant calls tools");
  }

  private ChatMessage answer(Fields turn) {
    List<ChatToolCall> called = new ArrayList<>();
    JsonNode array = turn.value("tool_calls");
    if (array != null && !array.isArray()) {
      throw turn.bad("tool_calls", "must be an array of calls");
    }
    for (int i = 0; array != null && i < array.size(); i++) {
      Fields call = turn.element("tool_calls", i);
      call.oneOf("type", "function");
      Fields function = call.inner("function");
      String id = call.text("id");
      String name = function == null ? null : function.text("name");
      String arguments = function == null ? null : function.text("arguments");
      if (function == null || id == null || name == null || arguments == null) {
        throw turn.bad(
            "tool_calls", "must have calls with an id, and a function with name and arguments");
      }
      call.integer("index", 0, Integer.MAX_VALUE); // clients repeat what a stream has
      function.requireAllRead();
      call.requireAllRead();
      requireWhole(call, id, name, arguments);
      called.add(new ChatToolCall(id, name, arguments));
    }
    called.forEach(call -> calls.put(call.id(), call));
    String thinking = turn.text("reasoning_content");
    turn.text("refusal");
    boolean silent = !called.isEmpty() && turn.value("content") == null;
    ChatMessage message = ChatMessage.assistant(silent ? "" : content(turn), called);
    if (thinking == null) {
      return message;
    }
    turn.requireWhole("reasoning_content", thinking);
    return message.withThinking(thinking);
  }

  private static void requireWhole(Fields call, String... texts) {
    for (String text : texts) {
      call.requireWhole("function", text);
    }
  }

  private ChatMessage result(Fields turn) {
    refuseCalls(turn);
    String id = turn.text("tool_call_id");
    ChatToolCall call = id == null ? null : calls.get(id);
    if (call == null) {
      throw turn.bad("tool_call_id", "must be the id of a call in an earlier message");
    }
    return ChatMessage.tool(call, content(turn));
  }

  private static String content(Fields message) {
    JsonNode content = message.value("content");
    if (content != null && content.isString()) {
      message.requireWhole("content", content.stringValue());
      return content.stringValue();
    }
    if (content == null || !content.isArray()) {
      throw message.bad("content", "must be a string, or an array of parts of the type text");
    }
    List<String> texts = new ArrayList<>();
    for (int i = 0; i < content.size(); i++) {
      Fields part = message.element("content", i);
      String text = "text".equals(part.text("type")) ? part.text("text") : null;
      if (text == null) {
        throw message.bad("content", "may only have parts of the type text");
      }
      part.requireWhole("text", text);
      part.requireAllRead();
      texts.add(text);
    }
    return ChatMessage.joinParts(texts);
  }
}
