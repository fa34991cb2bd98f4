package io.fundamentallm.samplers.constraint.chat;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.common.primitives.Ints;
import io.fundamentallm.internal.chat.Marker;
import io.fundamentallm.samplers.constraint.automaton.TokenTrie;
import io.fundamentallm.text.SpecialTokens;
import io.fundamentallm.text.Tokenizer;
import io.fundamentallm.text.Vocabulary;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/** The tokens that a marker is written with within an answer. */
final class MarkerTokens {
  /** What may be before a marker: tokenizers that write a text's first word otherwise need one. */
  private static final List<String> BEFORE = List.of("", "\n", ".");

  private MarkerTokens() {}

  /**
   * Special tokens where the vocabulary has them, and text with exactly the marker's bytes.
   *
   * @throws IllegalArgumentException if the vocabulary cannot write it
   */
  static int[] of(String text, Tokenizer tokenizer) {
    Vocabulary vocabulary = tokenizer.vocabulary();
    Marker marker =
        Marker.of(
            text,
            form -> {
              OptionalInt id = vocabulary.id(form);
              return id.isPresent() && vocabulary.special().contains(id.getAsInt());
            });
    List<Integer> tokens = new ArrayList<>();
    for (int i = 0; i < text.length(); ) {
      int end = i + 1;
      boolean special = marker.kinds().charAt(i) == Marker.SPECIAL_BEGIN;
      while (end < text.length()
          && marker.kinds().charAt(end) == (special ? Marker.SPECIAL : Marker.TEXT)) {
        end++;
      }
      String part = text.substring(i, end);
      if (special) {
        tokens.add(vocabulary.id(part).getAsInt());
      } else {
        tokens.addAll(Ints.asList(text(part, tokenizer)));
      }
      i = end;
    }
    return Ints.toArray(tokens);
  }

  private static int[] text(String text, Tokenizer tokenizer) {
    for (String before : BEFORE) {
      int[] tokens = tokenizer.encode(before + text, SpecialTokens.none());
      for (int from = 0; from < tokens.length; from++) {
        int[] rest = Arrays.copyOfRange(tokens, from, tokens.length);
        if (Arrays.equals(bytes(rest, tokenizer), text.getBytes(UTF_8))) {
          return rest;
        }
      }
    }
    int[] longest = longest(text.getBytes(UTF_8), TokenTrie.of(tokenizer).inner());
    if (longest == null) {
      throw new IllegalArgumentException(
          "the vocabulary has no tokens for the marker \""
              + text
              + "\", so thinking cannot be ended: leave the thinking budget out");
    }
    return longest;
  }

  private static byte[] bytes(int[] tokens, Tokenizer tokenizer) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (int token : tokens) {
      out.writeBytes(tokenizer.bytes(token));
    }
    return out.toByteArray();
  }

  /** The longest token that fits, again and again; null where none does. */
  private static int @Nullable [] longest(byte[] text, TokenTrie trie) {
    List<Integer> tokens = new ArrayList<>();
    for (int at = 0; at < text.length; ) {
      int token = trie.longestPrefix(Arrays.copyOfRange(text, at, text.length));
      if (token < 0) {
        return null;
      }
      tokens.add(token);
      at += trie.bytes(token).length;
    }
    return Ints.toArray(tokens);
  }
}
