package io.fundamentallm.text;

import static java.util.Objects.requireNonNull;

import io.fundamentallm.internal.buffers.Elements;
import java.util.List;

/**
 * One turn of a conversation.
 *
 * @apiNote For example:
 *     <pre>{@code
 * List<ChatMessage> turns =
 *     List.of(ChatMessage.system("Answer in one sentence."), ChatMessage.user("Is it a truth?"));
 * String answer = generator.chat(turns).text();
 * }</pre>
 *
 * @param role who speaks, in the terms the model was trained with: usually {@code system}, {@code
 *     user}, {@code assistant} or {@code tool}
 * @param content the message; never searched for special tokens
 * @param thinking what the model thought before it answered; empty for none
 * @param toolCalls what the model asks to call, in its order
 * @param toolCallId of a tool's result: the {@link ChatToolCall#id} that it answers; else empty
 * @param toolName of a tool's result: the tool's name; else empty
 */
public record ChatMessage(
    String role,
    String content,
    String thinking,
    List<ChatToolCall> toolCalls,
    String toolCallId,
    String toolName) {
  /** Checks that no part is null; keeps its own copy of the calls. */
  public ChatMessage {
    requireNonNull(role, "role");
    requireNonNull(content, "content");
    requireNonNull(thinking, "thinking");
    toolCalls = Elements.copy(toolCalls, "toolCalls");
    requireNonNull(toolCallId, "toolCallId");
    requireNonNull(toolName, "toolName");
  }

  /** A turn of words alone. */
  public ChatMessage(String role, String content) {
    this(role, content, "", List.of(), "", "");
  }

  /** A turn of the role {@code system}. */
  public static ChatMessage system(String content) {
    return new ChatMessage("system", content);
  }

  /** A turn of the role {@code user}. */
  public static ChatMessage user(String content) {
    return new ChatMessage("user", content);
  }

  /** A turn of the role {@code assistant}. */
  public static ChatMessage assistant(String content) {
    return new ChatMessage("assistant", content);
  }

  /** A turn of the role {@code assistant} that asks to call tools. */
  public static ChatMessage assistant(String content, List<ChatToolCall> toolCalls) {
    return new ChatMessage("assistant", content, "", toolCalls, "", "");
  }

  /** A turn of the role {@code tool}: what a call returned. */
  public static ChatMessage tool(ChatToolCall call, String result) {
    return new ChatMessage("tool", result, "", List.of(), call.id(), call.name());
  }

  /**
   * A content that comes as several texts, as one: OpenAI's and Anthropic's parts of the type
   * {@code text}. A line break stands between two, and none before the first that is not empty.
   *
   * <p>Whatever reads such contents joins them by this, to train and to serve: a model then sees
   * the same prompt. It is the rule of llama.cpp's server for templates that take a text; vLLM's
   * differs only after an empty first part. The jinja templates of transformers say nothing of it:
   * those that take a text fail on a list or print it as Python does, and those that take a list
   * print its texts without anything between them.
   *
   * @param parts in their order
   */
  public static String joinParts(List<String> parts) {
    StringBuilder content = new StringBuilder();
    for (int i = 0; i < parts.size(); i++) {
      String part = requireNonNull(parts.get(i), "parts[" + i + "]");
      content.append(content.isEmpty() ? "" : "\n").append(part);
    }
    return content.toString();
  }

  /** The same turn with what the model thought before it. */
  public ChatMessage withThinking(String thinking) {
    return new ChatMessage(role, content, thinking, toolCalls, toolCallId, toolName);
  }
}
