package io.fundamentallm.tokenizers.pipeline;

import io.fundamentallm.text.Vocabulary;
import io.fundamentallm.tokenizers.model.ByteStrings;
import io.fundamentallm.tokenizers.text.PrintableBytes;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The vocabulary of a pipeline. Written forms are made on demand, since a list of 200,000 strings
 * would take as long to build as everything else.
 *
 * <p>An id without a token is a string without bytes that is not odd. It is written {@code
 * <|unused_7|>}, after its number, which is never found in text. Immutable and thread-safe.
 */
public final class TokenForms implements Vocabulary {
  private static final String UNUSED = "<|unused_";
  private static final String UNUSED_END = "|>";

  private final ByteStrings strings;
  private final boolean byteLevel;
  private final Map<Integer, String> odd;
  private final Map<String, Integer> oddIds = new HashMap<>();
  private final Set<Integer> special;
  private final Roles roles;

  /**
   * Which token has which role; null for none.
   *
   * @param bos begins a text
   * @param eos ends a text
   * @param pad fills up
   * @param unk stands for what cannot be represented
   */
  public record Roles(
      @Nullable Integer bos, @Nullable Integer eos, @Nullable Integer pad, @Nullable Integer unk) {}

  /**
   * A vocabulary.
   *
   * @param strings the bytes of all tokens
   * @param byteLevel whether written forms have a printable character for each byte
   * @param odd tokens whose written form is not made of their bytes, such as added ones
   * @param special the control tokens
   */
  public TokenForms(
      ByteStrings strings,
      boolean byteLevel,
      Map<Integer, String> odd,
      Set<Integer> special,
      Roles roles) {
    this.strings = strings;
    this.byteLevel = byteLevel;
    this.odd = Map.copyOf(odd);
    odd.forEach((id, form) -> oddIds.put(form, id));
    this.special = Collections.unmodifiableSet(new TreeSet<>(special));
    this.roles = roles;
  }

  /** Whether written forms have a printable character for each byte. */
  public boolean byteLevel() {
    return byteLevel;
  }

  @Override
  public int size() {
    return strings.size();
  }

  @Override
  public String token(int id) {
    check(id);
    String form = odd.get(id);
    if (form != null) {
      return form;
    }
    if (isUnused(id)) {
      return unused(id);
    }
    byte[] bytes = strings.bytes(id);
    return byteLevel ? PrintableBytes.write(bytes) : new String(bytes, StandardCharsets.UTF_8);
  }

  /** Whether an id has no token and so decodes to nothing. */
  boolean isUnused(int id) {
    return strings.length(id) == 0 && !odd.containsKey(id);
  }

  /** What is written for an id without a token; never a token's own form. */
  private String unused(int id) {
    String form = UNUSED + id + UNUSED_END;
    while (known(form).isPresent()) {
      form = "<" + form + ">";
    }
    return form;
  }

  void check(int id) {
    if (id < 0 || id >= strings.size()) {
      throw new IllegalArgumentException(
          "token " + id + " is outside the vocabulary [0, " + strings.size() + ")");
    }
  }

  @Override
  public OptionalInt id(String token) {
    OptionalInt known = known(token);
    int start = token.indexOf(UNUSED) + UNUSED.length();
    int end = token.indexOf(UNUSED_END);
    if (known.isPresent() || start < UNUSED.length() || end <= start || end - start > 9) {
      return known;
    }
    String digits = token.substring(start, end);
    if (!digits.chars().allMatch(c -> c >= '0' && c <= '9')) {
      return known;
    }
    int id = Integer.parseInt(digits);
    return id < strings.size() && isUnused(id) && unused(id).equals(token)
        ? OptionalInt.of(id)
        : known;
  }

  /** The id of a token. */
  private OptionalInt known(String token) {
    Integer known = oddIds.get(token);
    if (known != null) {
      return OptionalInt.of(known);
    }
    byte[] bytes = byteLevel ? PrintableBytes.read(token) : token.getBytes(StandardCharsets.UTF_8);
    if (bytes == null || bytes.length == 0) {
      return OptionalInt.empty();
    }
    int id = strings.find(Arrays.copyOf(bytes, bytes.length + ByteStrings.SLACK), 0, bytes.length);
    return id < 0 || odd.containsKey(id) ? OptionalInt.empty() : OptionalInt.of(id);
  }

  @Override
  public OptionalInt bos() {
    return role(roles.bos());
  }

  @Override
  public OptionalInt eos() {
    return role(roles.eos());
  }

  @Override
  public OptionalInt pad() {
    return role(roles.pad());
  }

  @Override
  public OptionalInt unk() {
    return role(roles.unk());
  }

  private static OptionalInt role(@Nullable Integer id) {
    return id == null ? OptionalInt.empty() : OptionalInt.of(id);
  }

  @Override
  public Set<Integer> special() {
    return special;
  }
}
