package io.fundamentallm.tokenizers.unicode;

import com.ibm.icu.lang.UCharacter;
import com.ibm.icu.lang.UProperty;
import com.ibm.icu.text.Normalizer2;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** Makes the table of {@link Normalization}: what ICU knows, of Unicode 9.0's characters only. */
final class NormalizationTable {
  private static final int VERSION = 9;

  /** Marks of Unicode 9.0 that are none today, and the reverse. */
  private static final Set<Integer> ONCE_MARKS = Set.of(0x1CF2, 0x1CF3);

  private static final Set<Integer> LATER_MARKS = Set.of(0x111C9);

  private static final Normalizer2 NFC = Normalizer2.getNFCInstance();
  private static final Normalizer2 NFKC = Normalizer2.getNFKCInstance();

  private final ByteArrayOutputStream records = new ByteArrayOutputStream();
  private final TreeMap<Long, Integer> compositions = new TreeMap<>();

  static byte[] bytes() {
    return new NormalizationTable().make();
  }

  private byte[] make() {
    Map<String, Integer> offsets = new HashMap<>();
    ByteArrayOutputStream table = new ByteArrayOutputStream();
    ByteArrayOutputStream blocks = new ByteArrayOutputStream();
    for (int first = 0; first < 0x110000; first += 1 << Normalization.BLOCK_BITS) {
      ByteArrayOutputStream block = new ByteArrayOutputStream();
      for (int i = 0; i < 1 << Normalization.BLOCK_BITS; i++) {
        int value = value(first + i);
        block.write(value);
        block.write(value >> 8);
      }
      String key = block.toString(StandardCharsets.ISO_8859_1);
      Integer offset = offsets.get(key);
      if (offset == null) {
        offset = offsets.size();
        offsets.put(key, offset);
        blocks.writeBytes(block.toByteArray());
      }
      table.write(offset);
      table.write(offset >> 8);
    }
    table.writeBytes(blocks.toByteArray());
    table.writeBytes(records.toByteArray());
    compositions.forEach(
        (pair, composed) -> {
          number(table, (int) (pair >> 21));
          number(table, (int) (pair & 0x1FFFFF));
          number(table, composed);
        });
    number(table, offsets.size());
    number(table, compositions.size());
    return table.toByteArray();
  }

  private int value(int c) {
    boolean hangul = c >= Normalization.HANGUL && c < Normalization.HANGUL + Normalization.HANGULS;
    if (hangul || !known(c)) {
      return 0;
    }
    int properties = UCharacter.getCombiningClass(c);
    if (mark(c)) {
      properties |= Normalization.MARK;
    }
    if (UCharacter.getIntPropertyValue(c, UProperty.NFC_QUICK_CHECK) == maybe()) {
      properties |= Normalization.COMPOSES_BACK;
    }
    String canonical = NFC.getDecomposition(c);
    String compatible = NFKC.getDecomposition(c);
    if (canonical == null && compatible == null) {
      return properties;
    }
    if (canonical != null) {
      properties |= Normalization.CANONICAL;
      if (NFC.isNormalized(Character.toString(c))) {
        String pair = NFC.getRawDecomposition(c);
        int second = pair.codePointBefore(pair.length());
        compositions.put((long) pair.codePointAt(0) << 21 | second, c);
      } else {
        properties |= Normalization.NEVER_COMPOSED;
      }
    }
    properties |= Normalization.COMPATIBLE;
    if (!NFKC.isNormalized(Character.toString(c))) {
      properties |= Normalization.NEVER_COMPATIBLE;
    }
    int[] first = canonical == null ? new int[0] : canonical.codePoints().toArray();
    int[] second = compatible == null ? first : compatible.codePoints().toArray();
    if (Arrays.equals(first, second)) {
      second = new int[0];
    }
    int offset = records.size() / Normalization.WIDTH + Normalization.RECORDS;
    number(records, properties | first.length << 14 | second.length << 17);
    for (int part : first) {
      number(records, part);
    }
    for (int part : second) {
      number(records, part);
    }
    if (offset > 0xFFFF || first.length > 7 || second.length > 31) {
      throw new IllegalStateException("the format is too small");
    }
    return offset;
  }

  private static int maybe() {
    return 2; // UNormalizationCheckResult, UNORM_MAYBE
  }

  static boolean known(int c) {
    int age = UCharacter.getAge(c).getMajor();
    return age > 0 && age <= VERSION;
  }

  private static boolean mark(int c) {
    int category = UCharacter.getType(c);
    boolean today = category >= 6 && category <= 8; // Mn, Me, Mc
    return (today || ONCE_MARKS.contains(c)) && !LATER_MARKS.contains(c);
  }

  private static void number(ByteArrayOutputStream out, int value) {
    out.write(value);
    out.write(value >> 8);
    out.write(value >> 16);
  }
}
