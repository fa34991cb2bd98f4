package io.fundamentallm.samplers.constraint.chat;

import io.fundamentallm.internal.chat.Marker;
import io.fundamentallm.text.SpecialTokens;
import io.fundamentallm.text.Tokenizer;
import io.fundamentallm.text.Vocabulary;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;

/**
 * A marker in a vocabulary: the tokens to write it with, and how to find it among others, whatever
 * they are. Its units are bytes of text, and special tokens. Immutable.
 *
 * @param tokens what it is written with
 * @param units bytes, or -1 - id for a special token
 * @param fallback [units + 1] the longest beginning that a matched one ends with (Knuth, Morris,
 *     Pratt 1977)
 */
record MarkerTokens(int[] tokens, int[] units, int[] fallback) {

  static MarkerTokens of(String text, Tokenizer tokenizer) {
    Vocabulary vocabulary = tokenizer.vocabulary();
    Marker marker =
        Marker.of(
            text,
            form -> {
              OptionalInt id = vocabulary.id(form);
              return id.isPresent() && vocabulary.special().contains(id.getAsInt());
            });
    List<Integer> tokens = new ArrayList<>();
    List<Integer> units = new ArrayList<>();
    for (int i = 0; i < text.length(); ) {
      int end = i + 1;
      boolean special = marker.kinds().charAt(i) == Marker.SPECIAL_BEGIN;
      while (end < text.length()
          && marker.kinds().charAt(end) == (special ? Marker.SPECIAL : Marker.TEXT)) {
        end++;
      }
      String part = text.substring(i, end);
      if (special) {
        int id = vocabulary.id(part).getAsInt();
        tokens.add(id);
        units.add(-1 - id);
      } else {
        for (int token : tokenizer.encode(part, SpecialTokens.none())) {
          tokens.add(token);
        }
        for (byte b : part.getBytes(StandardCharsets.UTF_8)) {
          units.add(b & 0xFF);
        }
      }
      i = end;
    }
    int[] all = units.stream().mapToInt(Integer::intValue).toArray();
    return new MarkerTokens(
        tokens.stream().mapToInt(Integer::intValue).toArray(), all, fallback(all));
  }

  private static int[] fallback(int[] units) {
    int[] fallback = new int[units.length + 1];
    for (int i = 1, k = 0; i < units.length; i++) {
      while (k > 0 && units[i] != units[k]) {
        k = fallback[k];
      }
      k += units[i] == units[k] ? 1 : 0;
      fallback[i + 1] = k;
    }
    return fallback;
  }

  /** How many units it has. */
  int length() {
    return units.length;
  }

  /** How many of its units a text ends with after another token; all of them if it has it. */
  int after(int matched, int token, Tokenizer tokenizer) {
    Vocabulary vocabulary = tokenizer.vocabulary();
    if (token >= vocabulary.size()) {
      return matched;
    } else if (vocabulary.special().contains(token)) {
      return step(matched, -1 - token);
    }
    int at = matched;
    for (byte b : tokenizer.bytes(token)) {
      at = step(at, b & 0xFF);
      if (at == length()) {
        return at; // what the token has behind the marker comes after it
      }
    }
    return at;
  }

  private int step(int matched, int unit) {
    int at = matched;
    while (at > 0 && units[at] != unit) {
      at = fallback[at];
    }
    return at + (units[at] == unit ? 1 : 0);
  }
}
