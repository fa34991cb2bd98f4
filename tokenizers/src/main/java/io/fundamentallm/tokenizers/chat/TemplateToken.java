package io.fundamentallm.tokenizers.chat;

/**
 * A word of the template.
 *
 * @param value the text, name or operator as it means, escapes resolved
 */
record TemplateToken(Kind kind, String value, int line) {
  enum Kind {
    DATA,
    BLOCK_BEGIN,
    BLOCK_END,
    VARIABLE_BEGIN,
    VARIABLE_END,
    NAME,
    STRING,
    INTEGER,
    FLOAT,
    OPERATOR,
    END
  }

  boolean is(Kind kind, String value) {
    return this.kind == kind && this.value.equals(value);
  }

  /** How an error names it. */
  String described() {
    return switch (kind) {
      case END -> "end of template";
      case BLOCK_END -> "end of statement block";
      case VARIABLE_END -> "end of print statement";
      case DATA -> "template data";
      default -> "'" + value + "'";
    };
  }
}
