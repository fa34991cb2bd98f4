package io.fundamentallm.tokenizers.chat.value;

/**
 * The value of a name or an attribute that does not exist: false, empty, and an error for
 * everything else.
 *
 * @param message what the error says
 */
public record Undefined(String message) {

  public static Undefined name(String name) {
    boolean token = name.endsWith("_token"); // as bos_token, which templates find defined or not
    return new Undefined(
        "'" + name + "' is undefined" + (token ? "; tokenizer_config.json would name it" : ""));
  }

  public static Undefined attribute(Object of, String name) {
    return new Undefined("'" + Values.type(of) + " object' has no attribute '" + name + "'");
  }

  public TemplateException refusal() {
    return new TemplateException(message);
  }
}
