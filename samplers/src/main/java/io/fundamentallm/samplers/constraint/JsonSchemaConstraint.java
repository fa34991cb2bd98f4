package io.fundamentallm.samplers.constraint;

import io.fundamentallm.samplers.constraint.grammar.Grammar;
import io.fundamentallm.samplers.constraint.grammar.TextGrammar;
import io.fundamentallm.samplers.constraint.schema.JsonNotation;
import io.fundamentallm.samplers.constraint.schema.SchemaCompiler;
import io.fundamentallm.spi.Options;

/**
 * {@code json-schema=@person.json}: the text is a JSON document that is valid under a JSON Schema
 * (draft 2020-12; the different notation of drafts 4 to 2019-09 is understood). The option {@code
 * max-whitespace} is that of {@link JsonConstraint}.
 *
 * <p>Every text is valid, but not every valid document can be generated, because a schema may leave
 * more open than a model should have to decide:
 *
 * <ul>
 *   <li>Properties come in the order in which the schema describes them, then required ones that it
 *       does not describe, then additional ones. Properties that are not required may be left out.
 *   <li>If {@code properties} or {@code required} appear without {@code additionalProperties},
 *       there are no others; beside described ones the names of others have no escapes. If {@code
 *       prefixItems} appears without {@code items}, there are no more.
 *   <li>Without {@code type}, a value has one of the types that the schema's keywords are for.
 *   <li>Numbers have up to 16 digits before and after the point and two in the exponent; with a
 *       bound, or as {@code integer}, they have no exponent, and as many digits as the bound needs.
 *   <li>Values of {@code enum} and {@code const}, names, and strings with a {@code pattern} or a
 *       {@code format} are written with no more escapes than needed.
 * </ul>
 *
 * <p>Understood: boolean schemas; {@code type}, one or several; {@code enum}, {@code const}; {@code
 * properties}, {@code required}, {@code additionalProperties}; {@code minProperties}, where
 * properties are described up to 1 or the number of required ones; {@code maxProperties} where none
 * are described; {@code items}, {@code prefixItems}, {@code additionalItems}, {@code minItems},
 * {@code maxItems}; {@code uniqueItems} for up to ten listed values or booleans, otherwise not
 * enforced, as in llama.cpp; {@code minimum}, {@code maximum}, {@code exclusiveMinimum}, {@code
 * exclusiveMaximum}; {@code multipleOf} for whole numbers (between two bounds up to 1,000
 * multiples, otherwise up to 250 without an upper bound) and for 0.1, 0.01 and so on; {@code
 * minLength}, {@code maxLength} in code points; {@code pattern}, as {@link RegexConstraint} reads
 * it, found anywhere unless anchored; the {@code format}s date, time, date-time, uuid, email and
 * ipv4, while others are annotations; {@code $ref} within the document, recursive too; {@code
 * anyOf}; {@code oneOf}, read as {@code anyOf}, so its alternatives should exclude each other;
 * {@code allOf} and keywords beside these, combined. Other keywords that affect validity, such as
 * {@code not}, {@code if} and {@code patternProperties}, are refused with their place in the
 * schema; annotations are ignored, and unknown keywords, misspelt ones among them, count as such.
 *
 * <p>No object has a name twice. A {@code date} is one of the years 0001 to 9999; a {@code time}
 * has seconds below 60, up to nine digits of their fraction, and an offset of at most 18 hours:
 * {@code java.time} reads what is written.
 *
 * <p>A schema whose keywords contradict each other, such as {@code minimum: 5, maximum: 3}, is
 * refused with its place and these keywords, wherever it is written; so is one that no document
 * satisfies. {@code false}, and what is impossible only in combination with another schema of
 * {@code allOf} or beside {@code anyOf}, is left out if it is not needed.
 *
 * <p>{@link RegexConstraint} has the rules for all constraints.
 */
public final class JsonSchemaConstraint extends TextConstraint {
  /** Used by {@link java.util.ServiceLoader}, or to add this stage to a registry by hand. */
  public JsonSchemaConstraint() {}

  @Override
  public String name() {
    return "json-schema";
  }

  @Override
  TextGrammar grammar(Options options) {
    String schema = options.text("value");
    int spaces =
        options.integer("max-whitespace", JsonConstraint.SPACES, 0, JsonConstraint.MAX_SPACES);
    return Refusals.named(
        options,
        () -> {
          JsonNotation json = new JsonNotation(spaces, true);
          Grammar documents = SchemaCompiler.compile(schema, json);
          return new TextGrammar(documents, json.hasFreeNames());
        });
  }
}
