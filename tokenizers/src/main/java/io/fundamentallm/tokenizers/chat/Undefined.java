package io.fundamentallm.tokenizers.chat;

/**
 * What a name or an attribute gives that is not there: false, empty, and an error for everything
 * else.
 *
 * @param message what the error says
 */
record Undefined(String message) {

  static Undefined name(String name) {
    return new Undefined("'" + name + "' is undefined");
  }

  static Undefined attribute(Object of, String name) {
    return new Undefined("'" + Values.type(of) + " object' has no attribute '" + name + "'");
  }

  TemplateException refusal() {
    return new TemplateException(message);
  }
}
