package io.fundamentallm.tokenizers.model;

import static org.assertj.core.api.Assertions.assertThat;

import io.fundamentallm.tokenizers.split.Pieces;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.jspecify.annotations.Nullable;

/**
 * What {@link Bpe} puts together from the left is what merging gives, also for vocabularies that no
 * training would give: parts of a higher rank than the whole, tokens that no merge reaches, several
 * merges of one product.
 */
class BpeAssemblyProperties {
  private static final String[] BYTES = {"a", "b", "c"};
  private static final String[] CHARACTERS = {"a", "b", "\u00E9", "\u2581"};

  @Property(tries = 7_000, seed = "2031")
  void listed_merges_of_bytes(@ForAll long seed) {
    check(seed, true, true);
  }

  @Property(tries = 7_000, seed = "2032")
  void listed_merges_of_characters(@ForAll long seed) {
    check(seed, true, false);
  }

  @Property(tries = 7_000, seed = "2033")
  void merges_of_any_two_whose_bytes_are_a_token(@ForAll long seed) {
    check(seed, false, true);
  }

  private static void check(long seed, boolean listed, boolean bytes) {
    Random random = new Random(seed);
    String[] alphabet = bytes ? BYTES : CHARACTERS;
    List<String> forms = forms(random, alphabet);
    ByteStrings.Builder builder = new ByteStrings.Builder(forms.size() + 256);
    forms.forEach(form -> builder.add(form.getBytes(StandardCharsets.UTF_8), false));
    boolean allBytes = bytes && random.nextBoolean();
    if (allBytes) {
      for (int b = 0; b < 256; b++) {
        if (b < 'a' || b > 'c') {
          builder.add(new byte[] {(byte) b}, false);
        }
      }
    }
    ByteStrings strings = builder.build();
    PairTable pairs = listed ? pairs(random, forms) : null;
    int unk = random.nextInt(3) == 0 ? random.nextInt(forms.size()) : -1;
    BpeUnits units = units(random, strings, bytes, unk);
    boolean wholePieces = random.nextBoolean();
    Bpe bpe = new Bpe(strings, pairs, units, wholePieces);
    for (int i = 0; i < 6; i++) {
      StringBuilder text = new StringBuilder();
      for (int k = random.nextInt(20); k >= 0; k--) {
        text.append(random.nextInt(12) == 0 ? "\u00DF" : alphabet[random.nextInt(alphabet.length)]);
      }
      byte[] utf8 = text.toString().getBytes(StandardCharsets.UTF_8);
      int[] expected = plain(strings, pairs, units, wholePieces, utf8);
      for (boolean ranged : new boolean[] {false, true}) {
        assertThat(encoded(bpe, utf8, ranged))
            .as("seed %d, %s of %s, ranged %s", seed, text, forms, ranged)
            .isEqualTo(expected);
      }
    }
  }

  /** The alphabet and products of what is there, in any order. */
  private static List<String> forms(Random random, String[] alphabet) {
    Set<String> forms = new LinkedHashSet<>(Arrays.asList(alphabet));
    for (int i = random.nextInt(14); i > 0; i--) {
      List<String> all = List.copyOf(forms);
      String product = all.get(random.nextInt(all.size())) + all.get(random.nextInt(all.size()));
      if (random.nextInt(5) == 0) {
        product += all.get(random.nextInt(all.size())); // perhaps out of the merges' reach
      }
      if (product.length() <= 9) {
        forms.add(product);
      }
    }
    List<String> order = new ArrayList<>(forms);
    if (random.nextBoolean()) {
      Collections.shuffle(order, random);
    }
    return order;
  }

  /** Ways to make a token of two, all or some of them, in any order. */
  private static PairTable pairs(Random random, List<String> forms) {
    List<int[]> merges = new ArrayList<>();
    boolean all = random.nextInt(3) == 0;
    for (int product = 0; product < forms.size(); product++) {
      String form = forms.get(product);
      for (int cut = 1; cut < form.length(); cut++) {
        int left = forms.indexOf(form.substring(0, cut));
        int right = forms.indexOf(form.substring(cut));
        if (left >= 0 && right >= 0 && (all || random.nextInt(3) > 0)) {
          merges.add(new int[] {left, right, product});
        }
      }
    }
    if (random.nextInt(3) > 0) {
      Collections.shuffle(merges, random);
    } else {
      merges.sort((x, y) -> forms.get(x[2]).length() - forms.get(y[2]).length());
    }
    PairTable pairs = new PairTable(merges.size());
    merges.forEach(merge -> pairs.add(merge[0], merge[1], merge[2]));
    return pairs;
  }

  private static BpeUnits units(Random random, ByteStrings strings, boolean bytes, int unk) {
    boolean fuse = random.nextBoolean();
    if (!bytes) {
      return BpeUnits.characters(strings, new int[0], unk, fuse);
    }
    int[] ids = new int[256];
    byte[] one = new byte[1 + ByteStrings.SLACK];
    for (int b = 0; b < 256; b++) {
      one[0] = (byte) b;
      ids[b] = strings.find(one, 0, 1);
    }
    return BpeUnits.bytes(ids, unk, fuse);
  }

  private static int[] encoded(Bpe bpe, byte[] utf8, boolean ranged) {
    Pieces pieces = new Pieces();
    pieces.add(0, utf8.length);
    TokenSink sink = new TokenSink();
    sink.clear(ranged);
    bpe.encode(Arrays.copyOf(utf8, utf8.length + ByteStrings.SLACK), pieces, sink);
    return Arrays.copyOf(sink.reserve(0), sink.length());
  }

  /** The algorithm to the letter: time and again the lowest rank, the leftmost of equals. */
  private static int[] plain(
      ByteStrings strings,
      @Nullable PairTable pairs,
      BpeUnits units,
      boolean wholePieces,
      byte[] utf8) {
    byte[] text = Arrays.copyOf(utf8, utf8.length + ByteStrings.SLACK);
    int whole = strings.find(text, 0, utf8.length);
    if (wholePieces && whole >= 0) {
      return new int[] {whole};
    }
    Merger symbols = new Merger(strings, pairs);
    symbols.clear();
    units.addAll(text, 0, utf8.length, symbols);
    List<int[]> tokens = new ArrayList<>();
    for (int i = 0; i < symbols.count(); i++) {
      tokens.add(new int[] {symbols.id(i), symbols.start(i), symbols.end(i)});
    }
    while (true) {
      int best = -1;
      long lowest = Long.MAX_VALUE;
      for (int i = 0; i + 1 < tokens.size(); i++) {
        int[] left = tokens.get(i);
        int[] right = tokens.get(i + 1);
        long merge =
            pairs == null
                ? strings.find(text, left[1], right[2]) * 0x1_0000_0001L
                : pairs.find(left[0], right[0]);
        if (merge >= 0 && merge < lowest) {
          lowest = merge;
          best = i;
        }
      }
      if (best < 0) {
        return tokens.stream().mapToInt(token -> token[0]).toArray();
      }
      int[] merged = {(int) lowest, tokens.get(best)[1], tokens.get(best + 1)[2]};
      tokens.set(best, merged);
      tokens.remove(best + 1);
    }
  }
}
