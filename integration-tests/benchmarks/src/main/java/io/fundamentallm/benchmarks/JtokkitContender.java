package io.fundamentallm.benchmarks;

import com.knuddels.jtokkit.Encodings;
import com.knuddels.jtokkit.api.Encoding;
import com.knuddels.jtokkit.api.EncodingType;
import com.knuddels.jtokkit.api.IntArrayList;

/** jtokkit, which brings its vocabularies along. */
record JtokkitContender(Encoding encoding) implements Contender<IntArrayList> {
  /** Loads {@code r50k}, {@code cl100k} or {@code o200k}, and no other. */
  static JtokkitContender open(String name) {
    EncodingType type = EncodingType.fromName(name + "_base").orElseThrow();
    return new JtokkitContender(Encodings.newLazyEncodingRegistry().getEncoding(type));
  }

  @Override
  public IntArrayList encode(String text) {
    return encoding.encodeOrdinary(text);
  }

  @Override
  public String decode(IntArrayList tokens) {
    return encoding.decode(tokens);
  }

  @Override
  public int[] ids(IntArrayList tokens) {
    return tokens.toArray();
  }
}
