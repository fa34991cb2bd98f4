package io.fundamentallm.text;

import static java.util.Objects.requireNonNull;

/**
 * Whether an answer may, must or must not call tools. Immutable.
 *
 * @param mode the kind of choice
 * @param tool the only tool that may be called, in the mode {@link Mode#REQUIRED}; empty for any
 */
public record ToolChoice(Mode mode, String tool) {
  /** The kinds of choices. */
  public enum Mode {
    /** No tool is called. */
    NONE,
    /** The model decides. */
    AUTO,
    /** The answer calls a tool, without words before it. */
    REQUIRED
  }

  /** Checks that no tool is named where none need be called. */
  public ToolChoice {
    requireNonNull(mode, "mode");
    if (!requireNonNull(tool, "tool").isEmpty() && mode != Mode.REQUIRED) {
      throw new IllegalArgumentException("a tool is named only if it is required");
    }
  }

  /** No tool is called. */
  public static ToolChoice none() {
    return new ToolChoice(Mode.NONE, "");
  }

  /** The model decides whether it calls tools, and which. */
  public static ToolChoice auto() {
    return new ToolChoice(Mode.AUTO, "");
  }

  /** At least one tool is called. */
  public static ToolChoice required() {
    return new ToolChoice(Mode.REQUIRED, "");
  }

  /**
   * This tool is called.
   *
   * @param tool the name of one of the prompt's tools
   * @throws IllegalArgumentException if it is empty
   */
  public static ToolChoice required(String tool) {
    if (requireNonNull(tool, "tool").isEmpty()) {
      throw new IllegalArgumentException("the name of the required tool is empty");
    }
    return new ToolChoice(Mode.REQUIRED, tool);
  }
}
