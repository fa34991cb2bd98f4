package io.fundamentallm.tokenizers;

import io.fundamentallm.text.Vocabulary;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** A vocabulary as a list of written forms. Immutable and thread-safe. */
final class TokenTable implements Vocabulary {
  private final List<String> forms;
  private final Map<String, Integer> ids;
  private final Set<Integer> special;
  private final SpecialRoles roles;

  /**
   * A table.
   *
   * @param forms distinct; the index is the id
   * @param special the forms that are no text; all of them and those of the roles are in the table
   */
  TokenTable(List<String> forms, Collection<String> special, SpecialRoles roles) {
    this.forms = List.copyOf(forms);
    this.roles = roles;
    ids = new HashMap<>(forms.size() * 2);
    for (int id = 0; id < forms.size(); id++) {
      ids.put(forms.get(id), id);
    }
    TreeSet<Integer> specialIds = new TreeSet<>();
    for (String form : special) {
      specialIds.add(id(form).orElseThrow());
    }
    this.special = Collections.unmodifiableSet(specialIds);
  }

  SpecialRoles roles() {
    return roles;
  }

  @Override
  public int size() {
    return forms.size();
  }

  @Override
  public String token(int id) {
    if (id < 0 || id >= forms.size()) {
      throw new IllegalArgumentException(
          "token " + id + " is outside the vocabulary [0, " + forms.size() + ")");
    }
    return forms.get(id);
  }

  @Override
  public OptionalInt id(String token) {
    @Nullable Integer id = ids.get(token);
    return id == null ? OptionalInt.empty() : OptionalInt.of(id);
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

  @Override
  public Set<Integer> special() {
    return special;
  }

  private OptionalInt role(@Nullable String form) {
    return form == null ? OptionalInt.empty() : id(form);
  }
}
