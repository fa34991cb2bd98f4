package io.fundamentallm.tokenizers.chat.value;

/**
 * The value of a name or an attribute that does not exist: false, empty, and an error for
 * everything else.
 *
 * @param message what the error says
 */
public record Undefined(String message) {

  public static Undefined name(String name) {
    String message = "'" + name + "' is undefined";
    if (name.endsWith("_token")) { // as bos_token, which templates find defined or not
      message += ": neither tokenizer_config.json nor the tokenizer's vocabulary has one";
    }
    if (name.equals("eos_token")) {
      message += "; learn a tokenizer that has one: wordpiece and special=false have none";
    }
    return new Undefined(message);
  }

  public static Undefined attribute(Object of, String name) {
    return new Undefined("'" + Values.type(of) + " object' has no attribute '" + name + "'");
  }

  public TemplateException refusal() {
    return new TemplateException(message);
  }
}
