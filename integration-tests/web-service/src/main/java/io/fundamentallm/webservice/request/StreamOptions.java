package io.fundamentallm.webservice.request;

import io.fundamentallm.webservice.json.Fields;

/** The field {@code stream_options}. */
final class StreamOptions {
  private StreamOptions() {}

  /** Whether the stream ends with the count of tokens. */
  static boolean usage(Fields fields, boolean stream) {
    Fields options = fields.inner("stream_options");
    if (options == null) {
      return false;
    }
    if (!stream) {
      throw fields.bad("stream_options", "is for requests with 'stream' set to true");
    }
    boolean usage = options.flag("include_usage");
    options.flag("include_obfuscation"); // there is nothing for it to hide
    options.requireAllRead();
    return usage;
  }
}
