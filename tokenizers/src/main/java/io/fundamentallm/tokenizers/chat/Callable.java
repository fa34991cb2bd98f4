package io.fundamentallm.tokenizers.chat;

/** A function, a macro or a bound method. */
@FunctionalInterface
interface Callable {
  Object call(Arguments arguments);
}
