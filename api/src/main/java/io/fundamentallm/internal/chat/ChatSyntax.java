package io.fundamentallm.internal.chat;

import java.util.List;

/**
 * How a family of models writes thinking and calls of tools: what the parser reads and the
 * constraint allows. In the literal parts of a call, but what is before a name that is no member of
 * an object, white space stands for at most two characters of white space, or none.
 *
 * @param thinkingOpen begins thinking
 * @param thinkingClose ends it
 * @param silent markers around text that are not part of it
 * @param open each begins a section of calls; what follows one is the same for all
 * @param onlyFirst whether the section is the whole answer and needs no marker
 * @param array whether {@code [} and {@code ]} are around the calls
 * @param call one call
 * @param separator between the calls of a section; empty if it has only one
 * @param close ends a section; empty if the call itself does
 * @param last whether nothing follows the section
 * @param header how else a call may begin
 */
public record ChatSyntax(
    String thinkingOpen,
    String thinkingClose,
    List<String> silent,
    List<String> open,
    boolean onlyFirst,
    boolean array,
    Call call,
    String separator,
    String close,
    boolean last,
    Header header) {

  /**
   * A call that is told in the header of a message, where no marker is before it: at the beginning
   * of an answer, behind its thinking, and behind a marker that begins another message.
   *
   * @param behind the silent marker that begins a message
   * @param begins before the name, behind white space; empty if there are no such calls
   * @param between name and arguments, any of these
   */
  public record Header(String behind, String begins, List<String> between) {
    static final Header NONE = new Header("", "", List.of());

    /** Whether calls may begin so. */
    public boolean isPresent() {
      return !begins.isEmpty();
    }
  }

  /** How the values of arguments are written. */
  public enum Values {
    /** A JSON object. */
    JSON,
    /** Keyword arguments of Python in parentheses. */
    PYTHON,
    /** An object whose names have no quotes, and whose strings have a marker on both sides. */
    MARKED,
    /** Each between {@link ArgumentTags}: a text as it is, anything else as JSON. */
    TAGGED
  }

  /**
   * The parts of a call, in this order: before, the name, between, the arguments, after.
   *
   * @param before the name
   * @param between name and arguments
   * @param after the arguments
   * @param values how these are written
   * @param quote around strings, if they are {@link Values#MARKED}
   * @param tags around names and values, if these are {@link Values#TAGGED}
   */
  public record Call(
      String before, String between, String after, Values values, String quote, ArgumentTags tags) {
    Call(String before, String between, String after, Values values, String quote) {
      this(before, between, after, values, quote, ArgumentTags.NONE);
    }

    Call(String before, String between, String after, ArgumentTags tags) {
      this(before, between, after, Values.TAGGED, "", tags);
    }

    static Call json(String before, String between, String after) {
      return new Call(before, between, after, Values.JSON, "");
    }

    /** Whether name and arguments are members of one JSON object. */
    public boolean isObject() {
      return before.startsWith("{");
    }
  }

  /**
   * The syntax of a notation.
   *
   * @param notation such as {@code llama-json}
   * @throws IllegalArgumentException for an unknown one
   */
  public static ChatSyntax named(String notation) {
    return ChatFamilies.named(notation);
  }
}
