package io.fundamentallm.tokenizers.unicode;

import com.ibm.icu.lang.UCharacter;
import com.ibm.icu.lang.UCharacterEnums.ECharacterCategory;
import com.ibm.icu.lang.UProperty;
import com.ibm.icu.lang.UScript;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Makes the tables that {@link Unicode} and its neighbours read, from ICU's. Run {@link #main} with
 * the folder of the resources after a change of ICU's version.
 */
final class UnicodeTables {
  private static final int CODE_POINTS = 0x110000;
  private static final int BLOCK = 128;

  /** Our numbers of general categories in the order of ICU's. */
  private static final int[] CATEGORIES = categories();

  /** Nonspacing marks of Unicode 8.0 that became something else, and the reverse. */
  private static final Set<Integer> ONCE_MARKS = Set.of(0x1734, 0x1171E);

  private static final Set<Integer> LATER_MARKS = Set.of(0x1885, 0x1886, 0xA9BD, 0x111C9);

  /** Punctuation of Unicode 8.0 that became something else. */
  private static final Set<Integer> ONCE_PUNCTUATION = Set.of(0x166D, 0x111C9);

  private UnicodeTables() {}

  public static void main(String[] folder) throws IOException {
    for (Map.Entry<String, byte[]> table : all().entrySet()) {
      Files.write(Path.of(folder[0], table.getKey()), table.getValue());
    }
  }

  static Map<String, byte[]> all() throws IOException {
    return Map.of(
        "categories.bin", categoryTable(),
        "scripts.bin", scriptTable(),
        "lowercase.bin", lowercaseTable(),
        "normalization.bin", NormalizationTable.bytes());
  }

  private static byte[] categoryTable() {
    Map<String, Integer> offsets = new HashMap<>();
    ByteArrayOutputStream index = new ByteArrayOutputStream();
    ByteArrayOutputStream blocks = new ByteArrayOutputStream();
    for (int first = 0; first < CODE_POINTS; first += BLOCK) {
      byte[] block = new byte[BLOCK];
      for (int i = 0; i < BLOCK; i++) {
        block[i] = (byte) properties(first + i);
      }
      String key = new String(block, StandardCharsets.ISO_8859_1);
      Integer offset = offsets.get(key);
      if (offset == null) {
        offset = offsets.size();
        offsets.put(key, offset);
        blocks.writeBytes(block);
      }
      index.write(offset);
      index.write(offset >> 8);
    }
    index.writeBytes(blocks.toByteArray());
    return index.toByteArray();
  }

  private static int properties(int c) {
    boolean space = UCharacter.hasBinaryProperty(c, UProperty.WHITE_SPACE);
    return CATEGORIES[UCharacter.getType(c)] | (space ? 32 : 0) | bertClass(c) << 6;
  }

  /** As unicode_categories 0.1.1 has it, whose tables are of Unicode 8.0. */
  private static int bertClass(int c) {
    int category = CATEGORIES[UCharacter.getType(c)];
    boolean old = UCharacter.getAge(c).getMajor() <= 8;
    if (ONCE_PUNCTUATION.contains(c)) {
      return Unicode.BERT_PUNCTUATION;
    }
    if (ONCE_MARKS.contains(c)) {
      return Unicode.BERT_MARK;
    }
    if (!old || LATER_MARKS.contains(c)) {
      return Unicode.BERT_OTHER;
    }
    if (category == Unicode.MN) {
      return Unicode.BERT_MARK;
    }
    if (category >= Unicode.PC && category <= Unicode.PO) {
      return Unicode.BERT_PUNCTUATION;
    }
    boolean control = category == Unicode.CC || category == Unicode.CF || category == Unicode.CO;
    return control ? Unicode.BERT_CONTROL : Unicode.BERT_OTHER;
  }

  private static byte[] lowercaseTable() {
    List<String> known = new ArrayList<>();
    ByteArrayOutputStream index = new ByteArrayOutputStream();
    ByteArrayOutputStream blocks = new ByteArrayOutputStream();
    for (int first = 0; first < LowerCase.LIMIT; first += BLOCK) {
      byte[] block = new byte[2 * BLOCK];
      for (int i = 0; i < BLOCK; i++) {
        int difference = lowercase(first + i) - (first + i);
        block[2 * i] = (byte) difference;
        block[2 * i + 1] = (byte) (difference >> 8);
      }
      String key = new String(block, StandardCharsets.ISO_8859_1);
      if (!known.contains(key)) {
        known.add(key);
        blocks.writeBytes(block);
      }
      index.write(known.indexOf(key));
    }
    index.writeBytes(blocks.toByteArray());
    return index.toByteArray();
  }

  /** Of Unicode 17.0, whatever ICU's version. */
  static int lowercase(int c) {
    if (c == 0xA7CE || c == 0xA7D2 || c == 0xA7D4) {
      return c + 1;
    }
    return c >= 0x16EA0 && c <= 0x16EB8 ? c + 0x1B : UCharacter.toLowerCase(c);
  }

  private static byte[] scriptTable() throws IOException {
    ByteArrayOutputStream starts = new ByteArrayOutputStream();
    ByteArrayOutputStream scripts = new ByteArrayOutputStream();
    DataOutputStream out = new DataOutputStream(starts);
    Map<Integer, Integer> numbers = new HashMap<>();
    List<String> names = new ArrayList<>();
    int previous = -1;
    for (int c = 0; c < CODE_POINTS; c++) {
      int script = UScript.getScript(c);
      if (script != previous) {
        Integer number = numbers.get(script);
        if (number == null) {
          number = numbers.size();
          numbers.put(script, number);
          Set<String> forms = new LinkedHashSet<>();
          forms.add(UScript.getName(script));
          forms.add(UScript.getShortName(script));
          names.add(String.join(" ", forms));
        }
        out.writeInt(c);
        scripts.write(number);
        previous = script;
      }
    }
    ByteArrayOutputStream table = new ByteArrayOutputStream();
    new DataOutputStream(table).writeInt(scripts.size());
    for (byte[] part :
        List.of(
            starts.toByteArray(),
            scripts.toByteArray(),
            String.join("\n", names).getBytes(StandardCharsets.US_ASCII))) {
      table.writeBytes(part);
    }
    return table.toByteArray();
  }

  private static int[] categories() {
    int[] categories = new int[ECharacterCategory.CHAR_CATEGORY_COUNT];
    categories[ECharacterCategory.UPPERCASE_LETTER] = Unicode.LU;
    categories[ECharacterCategory.LOWERCASE_LETTER] = Unicode.LL;
    categories[ECharacterCategory.TITLECASE_LETTER] = Unicode.LT;
    categories[ECharacterCategory.MODIFIER_LETTER] = Unicode.LM;
    categories[ECharacterCategory.OTHER_LETTER] = Unicode.LO;
    categories[ECharacterCategory.NON_SPACING_MARK] = Unicode.MN;
    categories[ECharacterCategory.COMBINING_SPACING_MARK] = Unicode.MC;
    categories[ECharacterCategory.ENCLOSING_MARK] = Unicode.ME;
    categories[ECharacterCategory.DECIMAL_DIGIT_NUMBER] = Unicode.ND;
    categories[ECharacterCategory.LETTER_NUMBER] = Unicode.NL;
    categories[ECharacterCategory.OTHER_NUMBER] = Unicode.NO;
    categories[ECharacterCategory.CONNECTOR_PUNCTUATION] = Unicode.PC;
    categories[ECharacterCategory.DASH_PUNCTUATION] = Unicode.PD;
    categories[ECharacterCategory.START_PUNCTUATION] = Unicode.PS;
    categories[ECharacterCategory.END_PUNCTUATION] = Unicode.PE;
    categories[ECharacterCategory.INITIAL_PUNCTUATION] = Unicode.PI;
    categories[ECharacterCategory.FINAL_PUNCTUATION] = Unicode.PF;
    categories[ECharacterCategory.OTHER_PUNCTUATION] = Unicode.PO;
    categories[ECharacterCategory.MATH_SYMBOL] = Unicode.SM;
    categories[ECharacterCategory.CURRENCY_SYMBOL] = Unicode.SC;
    categories[ECharacterCategory.MODIFIER_SYMBOL] = Unicode.SK;
    categories[ECharacterCategory.OTHER_SYMBOL] = Unicode.SO;
    categories[ECharacterCategory.SPACE_SEPARATOR] = Unicode.ZS;
    categories[ECharacterCategory.LINE_SEPARATOR] = Unicode.ZL;
    categories[ECharacterCategory.PARAGRAPH_SEPARATOR] = Unicode.ZP;
    categories[ECharacterCategory.CONTROL] = Unicode.CC;
    categories[ECharacterCategory.FORMAT] = Unicode.CF;
    categories[ECharacterCategory.SURROGATE] = Unicode.CS;
    categories[ECharacterCategory.PRIVATE_USE] = Unicode.CO;
    categories[ECharacterCategory.UNASSIGNED] = Unicode.CN;
    return categories;
  }
}
