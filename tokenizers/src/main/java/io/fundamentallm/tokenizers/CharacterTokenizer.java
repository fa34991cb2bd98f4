package io.fundamentallm.tokenizers;

import io.fundamentallm.text.SpecialTokens;
import io.fundamentallm.text.Tokenizer;
import io.fundamentallm.text.Vocabulary;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.TreeMap;

/** One token for each code point. */
final class CharacterTokenizer implements Tokenizer {
  private static final int UNKNOWN = -1;
  private static final int REPLACEMENT = 0xFFFD;

  private final TokenTable vocabulary;
  private final SpecialForms special;
  private final UnknownPolicy unknown;
  private final int unk;

  /** The id of each code point up to the highest of the basic plane, or {@link #UNKNOWN}. */
  private final int[] idOfBasic;

  /** Code points beyond the basic plane, ascending, and their ids. */
  private final int[] supplementary;

  private final int[] idOfSupplementary;

  /** A tokenizer of a vocabulary whose tokens are single code points, but for the special ones. */
  CharacterTokenizer(TokenTable vocabulary, UnknownPolicy unknown) {
    this.vocabulary = vocabulary;
    this.unknown = unknown;
    special = SpecialForms.of(vocabulary);
    unk = vocabulary.unk().orElse(UNKNOWN);
    TreeMap<Integer, Integer> ids = new TreeMap<>();
    for (int id = 0; id < vocabulary.size(); id++) {
      if (!vocabulary.special().contains(id)) {
        ids.put(vocabulary.token(id).codePointAt(0), id);
      }
    }
    var basic = ids.headMap(Character.MIN_SUPPLEMENTARY_CODE_POINT);
    idOfBasic = new int[basic.isEmpty() ? 0 : basic.lastKey() + 1];
    Arrays.fill(idOfBasic, UNKNOWN);
    basic.forEach((codePoint, id) -> idOfBasic[codePoint] = id);
    var beyond = ids.tailMap(Character.MIN_SUPPLEMENTARY_CODE_POINT);
    supplementary = beyond.keySet().stream().mapToInt(Integer::intValue).toArray();
    idOfSupplementary = beyond.values().stream().mapToInt(Integer::intValue).toArray();
  }

  /** Collects the code points of the texts. */
  static CharacterTokenizer learn(
      Iterable<? extends CharSequence> texts, UnknownPolicy unknown, SpecialRoles roles) {
    BitSet codePoints = new BitSet();
    for (CharSequence text : texts) {
      text.codePoints().forEach(c -> codePoints.set(isSurrogate(c) ? REPLACEMENT : c));
    }
    if (codePoints.isEmpty()) {
      throw new IllegalArgumentException(
          "tokenizer \"character\" learns its vocabulary from text, and the texts are empty");
    }
    List<String> forms = new ArrayList<>();
    codePoints.stream().mapToObj(Character::toString).forEach(forms::add);
    forms.addAll(roles.forms());
    return new CharacterTokenizer(new TokenTable(forms, roles.forms(), roles), unknown);
  }

  @Override
  public int[] encode(CharSequence text, SpecialTokens allowed) {
    String string = text.toString();
    SpecialForms forms = special.allowed(allowed);
    IdBuffer ids = new IdBuffer();
    int from = 0;
    for (SpecialForms.Match match; (match = forms.next(string, from)) != null; from = match.end()) {
      encode(string, from, match.start(), ids);
      ids.add(match.id());
    }
    encode(string, from, string.length(), ids);
    return ids.toArray();
  }

  private void encode(String text, int from, int to, IdBuffer buffer) {
    int[] ids = buffer.room(to - from);
    int n = buffer.length();
    for (int i = from; i < to; i++) {
      int start = i;
      int codePoint = text.charAt(i);
      if (isSurrogate(codePoint)) {
        if (i + 1 < to && Character.isSurrogatePair((char) codePoint, text.charAt(i + 1))) {
          codePoint = text.codePointAt(i++);
        } else {
          codePoint = REPLACEMENT;
        }
      }
      int id = id(codePoint);
      if (id != UNKNOWN) {
        ids[n++] = id;
      } else if (unknown == UnknownPolicy.UNK) {
        ids[n++] = unk;
      } else if (unknown == UnknownPolicy.ERROR) {
        throw unknown(text, start, codePoint);
      }
    }
    buffer.length(n);
  }

  private int id(int codePoint) {
    if (codePoint < idOfBasic.length) {
      return idOfBasic[codePoint];
    }
    int index = Arrays.binarySearch(supplementary, codePoint);
    return index < 0 ? UNKNOWN : idOfSupplementary[index];
  }

  private IllegalArgumentException unknown(String text, int index, int codePoint) {
    String name = String.format("U+%04X", codePoint);
    if (isSurrogate(text.charAt(index)) && codePoint == REPLACEMENT) {
      name = String.format("the lone surrogate U+%04X, read as U+FFFD,", (int) text.charAt(index));
    } else if (Character.isLetterOrDigit(codePoint)) {
      name += " (" + Character.toString(codePoint) + ")";
    }
    return new IllegalArgumentException(
        name
            + " at index "
            + index
            + " of the text is not in the vocabulary of "
            + (vocabulary.size() - vocabulary.special().size())
            + " characters; a tokenizer learned with character(unknown=unk) encodes such"
            + " characters as "
            + SpecialRoles.UNK
            + ", one learned with character(unknown=skip) leaves them out");
  }

  private static boolean isSurrogate(int codePoint) {
    return codePoint >= Character.MIN_SURROGATE && codePoint <= Character.MAX_SURROGATE;
  }

  @Override
  public byte[] bytes(int token) {
    return vocabulary.token(token).getBytes(StandardCharsets.UTF_8);
  }

  @Override
  public Vocabulary vocabulary() {
    return vocabulary;
  }

  @Override
  public void save(Path modelDirectory) throws IOException {
    CharacterFormat.write(vocabulary, unknown, modelDirectory);
  }

  @Override
  public String toString() {
    int specials = vocabulary.special().size();
    return "character tokenizer, "
        + (vocabulary.size() - specials)
        + " characters and "
        + specials
        + " special tokens";
  }
}
