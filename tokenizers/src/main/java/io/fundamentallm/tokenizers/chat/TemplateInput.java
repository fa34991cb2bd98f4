package io.fundamentallm.tokenizers.chat;

import io.fundamentallm.internal.json.Json;
import io.fundamentallm.text.ChatMessage;
import io.fundamentallm.text.ChatPrompt;
import io.fundamentallm.text.ChatTool;
import io.fundamentallm.text.ChatToolCall;
import io.fundamentallm.tokenizers.chat.value.MarkedText;
import io.fundamentallm.tokenizers.chat.value.None;
import io.fundamentallm.tokenizers.chat.value.PythonList;
import io.fundamentallm.tokenizers.chat.value.Values;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A prompt as the values that a template reads, with Hugging Face's names. Templates differ in what
 * they expect of a turn that calls tools.
 *
 * @param argumentsAsText whether arguments are the text of a JSON object, as with OpenAI, rather
 *     than a dict
 * @param contentAsText whether a turn without words has an empty content rather than none
 * @param callsHaveOneText whether a turn that calls may not have both thinking and a content: then
 *     all of it is thinking
 */
record TemplateInput(boolean argumentsAsText, boolean contentAsText, boolean callsHaveOneText) {
  /** A role that can be part of a special token, as in {@code <|user|>}, but never a whole one. */
  private static final Pattern PLAIN_ROLE = Pattern.compile("[A-Za-z0-9_ -]*");

  PythonList messages(List<ChatMessage> messages) {
    List<Object> values = new ArrayList<>(messages.size());
    for (ChatMessage message : messages) {
      values.add(message(message));
    }
    return PythonList.list(values);
  }

  private Map<Object, Object> message(ChatMessage given) {
    ChatMessage message = callsHaveOneText ? withOneText(given) : given;
    Map<Object, Object> value = new LinkedHashMap<>();
    put(value, "role", plain(message.role()));
    boolean none = message.content().isEmpty() && !message.toolCalls().isEmpty();
    put(
        value,
        "content",
        none && !contentAsText ? None.NONE : MarkedText.ofMessage(message.content()));
    if (!message.thinking().isEmpty()) { // one key of Qwen and DeepSeek, one of gpt-oss
      put(value, "reasoning_content", MarkedText.ofMessage(message.thinking()));
      put(value, "thinking", MarkedText.ofMessage(message.thinking()));
    }
    if (!message.toolCalls().isEmpty()) {
      List<Object> calls = new ArrayList<>();
      message.toolCalls().forEach(call -> calls.add(call(call)));
      put(value, "tool_calls", PythonList.list(calls));
    }
    if (!message.toolCallId().isEmpty()) {
      put(value, "tool_call_id", MarkedText.ofMessage(message.toolCallId()));
    }
    if (!message.toolName().isEmpty()) {
      put(value, "name", plain(message.toolName()));
    }
    return value;
  }

  private static ChatMessage withOneText(ChatMessage message) {
    if (message.toolCalls().isEmpty()
        || message.thinking().isEmpty()
        || message.content().isEmpty()) {
      return message;
    }
    String both = ChatMessage.joinParts(List.of(message.thinking(), message.content()));
    return ChatMessage.assistant("", message.toolCalls()).withThinking(both);
  }

  private Map<Object, Object> call(ChatToolCall call) {
    Map<Object, Object> function = new LinkedHashMap<>();
    put(function, "name", plain(call.name()));
    put(function, "arguments", arguments(call.arguments()));
    Map<Object, Object> value = new LinkedHashMap<>();
    put(value, "id", MarkedText.ofMessage(call.id()));
    put(value, "type", MarkedText.of("function"));
    put(value, "function", function);
    return value;
  }

  private Object arguments(String json) {
    if (!argumentsAsText) {
      try {
        return value(Json.object(json));
      } catch (IllegalArgumentException e) {
        // cut off in the middle: the text is all there is
      }
    }
    return MarkedText.ofMessage(json);
  }

  /** The variable {@code tools}. */
  static Object tools(ChatPrompt prompt) {
    if (prompt.tools().isEmpty()) {
      return None.NONE;
    }
    List<Object> tools = new ArrayList<>();
    for (ChatTool tool : prompt.tools()) {
      Map<Object, Object> function = new LinkedHashMap<>();
      put(function, "name", plain(tool.name()));
      put(function, "description", MarkedText.ofMessage(tool.description()));
      put(function, "parameters", value(tool.schema()));
      Map<Object, Object> value = new LinkedHashMap<>();
      put(value, "type", MarkedText.of("function"));
      put(value, "function", function);
      tools.add(value);
    }
    return PythonList.list(tools);
  }

  /**
   * A value from outside; its texts count as a message's.
   *
   * @throws IllegalArgumentException for anything but strings, booleans, numbers, lists, maps and
   *     null
   */
  static Object value(@Nullable Object value) {
    if (value == null) {
      return None.NONE;
    } else if (value instanceof String text) {
      return MarkedText.ofMessage(text);
    } else if (value instanceof Boolean) {
      return value;
    } else if (value instanceof Integer || value instanceof Long) {
      return ((Number) value).longValue();
    } else if (value instanceof BigInteger number) {
      return Values.whole(number);
    } else if (value instanceof BigDecimal number) {
      return number.scale() == 0
          ? Values.whole(number.unscaledValue())
          : (Object) number.doubleValue();
    } else if (value instanceof Number number) {
      return number.doubleValue();
    } else if (value instanceof List<?> list) {
      List<Object> items = new ArrayList<>(list.size());
      list.forEach(item -> items.add(value(item)));
      return PythonList.list(items);
    } else if (value instanceof Map<?, ?> map) {
      Map<Object, Object> entries = new LinkedHashMap<>();
      map.forEach((key, item) -> entries.put(value(String.valueOf(key)), value(item)));
      return entries;
    }
    throw new IllegalArgumentException(
        "a template argument must be a string, boolean, number, list, map or null, but is a "
            + value.getClass().getName());
  }

  private static MarkedText plain(String text) {
    return PLAIN_ROLE.matcher(text).matches() ? MarkedText.of(text) : MarkedText.ofMessage(text);
  }

  private static void put(Map<Object, Object> map, String key, Object value) {
    map.put(MarkedText.of(key), value);
  }
}
