package io.fundamentallm.benchmarks;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The texts that are measured, always the same on one machine:
 *
 * <ul>
 *   <li>{@code english}: the corpora of the shared folder, one after the other, again from the
 *       first where they are not enough;
 *   <li>{@code multilingual}: manual pages in other languages, a page of each language in turn. On
 *       Debian: {@code apt-get install manpages-de manpages-es manpages-fr manpages-ja manpages-ko
 *       manpages-ru manpages-uk manpages-zh}. Where there are none, the JDK's names of languages
 *       and countries instead, which compare with nothing measured elsewhere;
 *   <li>{@code code}: Java sources of a JDK's {@code lib/src.zip}, every sixteenth file. On Debian:
 *       {@code apt-get install openjdk-17-source}, or any Temurin JDK.
 * </ul>
 */
final class Corpora {
  /** The size of a text, in bytes of UTF-8. */
  static final int SIZE = 10_000_000;

  private static final List<String> ENGLISH =
      List.of("austen.txt", "kjv.txt", "pride-and-prejudice.txt", "tinyshakespeare.txt");

  private Corpora() {}

  /** One of the three texts, cut after so many bytes of UTF-8. */
  static String text(String name, int size) {
    CappedText text = new CappedText(size);
    try {
      switch (name) {
        case "english" -> addEnglish(text);
        case "multilingual" -> addMultilingual(text);
        case "code" -> SourceCode.addTo(text);
        default -> throw new IllegalArgumentException("no such text: " + name);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return text.text();
  }

  /** A text in lines, each with its newline. */
  static List<String> lines(String text) {
    return documents(text, 1);
  }

  /** A text in documents of whole lines, each ended by the first line that reaches the length. */
  static List<String> documents(String text, int length) {
    List<String> documents = new ArrayList<>();
    int start = 0;
    while (start < text.length()) {
      int newline = text.indexOf('\n', Math.min(start + length, text.length()) - 1);
      int end = newline < 0 ? text.length() : newline + 1;
      documents.add(text.substring(start, end));
      start = end;
    }
    return documents;
  }

  /** How many megabytes of UTF-8 the texts are. */
  static double megabytes(Iterable<String> texts) {
    long bytes = 0;
    for (String text : texts) {
      bytes += text.getBytes(UTF_8).length;
    }
    return bytes / 1e6;
  }

  private static void addEnglish(CappedText text) throws IOException {
    while (!text.isFull()) {
      for (String name : ENGLISH) {
        text.add(Files.readAllBytes(SharedFolder.corpus(name)));
      }
    }
  }

  private static void addMultilingual(CappedText text) throws IOException {
    ManPages.addTo(text, Path.of("/usr/share/man"));
    if (!text.isFull()) {
      System.err.println("Few manual pages in other languages: the JDK's locale names fill up");
      LocaleNames.addTo(text);
    }
  }
}
