package io.fundamentallm.benchmarks;

import java.util.List;

/**
 * A text as it is handed to a tokenizer.
 *
 * @param documents encoded one by one
 * @param megabytes of UTF-8, all together
 */
record Sample(List<String> documents, double megabytes) {
  /** The length of a document in characters, about a page. */
  private static final int DOCUMENT = 4096;

  /**
   * Reads a text.
   *
   * @param shape {@code whole}: one string; {@code documents}: about 4 KB each
   */
  static Sample of(String text, String shape, int size) {
    String whole = Corpora.text(text, size);
    List<String> documents =
        switch (shape) {
          case "whole" -> List.of(whole);
          case "documents" -> Corpora.documents(whole, DOCUMENT);
          default -> throw new IllegalArgumentException("no such shape: " + shape);
        };
    return new Sample(documents, Corpora.megabytes(documents));
  }
}
