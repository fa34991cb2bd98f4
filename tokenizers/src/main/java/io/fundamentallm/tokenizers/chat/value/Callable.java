package io.fundamentallm.tokenizers.chat.value;

/** A function, a macro or a bound method. */
@FunctionalInterface
public interface Callable {
  Object call(Arguments arguments);
}
