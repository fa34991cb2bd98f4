package io.fundamentallm.chat;

/** Hears what one call consists of. */
interface CallListener {
  /** The name, once it is complete. */
  void begin(String name);

  /** More of the arguments; only after the name. */
  void arguments(String json);

  /** The whole call was read. */
  void end(String name, String arguments);
}
