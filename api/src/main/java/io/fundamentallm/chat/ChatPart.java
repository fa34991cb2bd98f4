package io.fundamentallm.chat;

import io.fundamentallm.text.ChatToolCall;

/** What an answer grows by. Several calls follow one another; none begins before one ends. */
public sealed interface ChatPart {
  /**
   * More of the answer's text.
   *
   * @param text not empty; never half a code point
   */
  record Text(String text) implements ChatPart {}

  /**
   * More of what the model thinks before it answers.
   *
   * @param text not empty; never half a code point
   */
  record Thinking(String text) implements ChatPart {}

  /**
   * A call whose arguments follow.
   *
   * @param index of the call in its answer, from 0
   * @param id what its result refers to
   * @param name the tool's
   */
  record CallBegin(int index, String id, String name) implements ChatPart {}

  /**
   * More of a call's arguments.
   *
   * @param index of the call
   * @param json a piece of a JSON object, not empty; all pieces together are the object
   */
  record CallArguments(int index, String json) implements ChatPart {}

  /**
   * A call is complete.
   *
   * @param index of the call
   * @param call the whole call
   */
  record CallEnd(int index, ChatToolCall call) implements ChatPart {}
}
