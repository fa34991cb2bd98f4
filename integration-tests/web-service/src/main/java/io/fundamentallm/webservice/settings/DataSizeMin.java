package io.fundamentallm.webservice.settings;

import jakarta.validation.Constraint;
import jakarta.validation.ConstraintValidator;
import jakarta.validation.ConstraintValidatorContext;
import jakarta.validation.Payload;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.jspecify.annotations.Nullable;
import org.springframework.util.unit.DataSize;

/** The smallest size that a setting may have; none at all is for others to judge. */
@Target({ElementType.METHOD, ElementType.FIELD, ElementType.PARAMETER})
@Retention(RetentionPolicy.RUNTIME)
@Constraint(validatedBy = DataSizeMin.Validator.class)
@interface DataSizeMin {
  /** In bytes. */
  long value();

  String message() default "is too small";

  Class<?>[] groups() default {};

  Class<? extends Payload>[] payload() default {};

  /** Compares. */
  final class Validator implements ConstraintValidator<DataSizeMin, DataSize> {
    private long min;

    @Override
    public void initialize(DataSizeMin bound) {
      min = bound.value();
    }

    @Override
    public boolean isValid(@Nullable DataSize size, ConstraintValidatorContext context) {
      return size == null || size.toBytes() >= min;
    }
  }
}
