package com.ytempire.sidecar.metrics;

import com.ytempire.sidecar.metrics.RowKind.Type;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.LocalDate;
import java.time.temporal.ChronoUnit;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.postgresql.core.Oid;

/**
 * Writes a field of many rows as one array in PostgreSQL's binary format ({@code array_recv} and
 * the {@code _recv} function of each element). The driver writes days, times and decimal numbers as
 * text, which took more time on both sides than all else that is done to them.
 */
final class BinaryArrays {
  private static final LocalDate DAY_0 = LocalDate.of(2000, 1, 1);
  private static final Instant MOMENT_0 = Instant.parse("2000-01-01T00:00:00Z");
  private static final int NUMERIC_POSITIVE = 0x0000;
  private static final int NUMERIC_NEGATIVE = 0x4000;
  private static final int NUMERIC_BASE = 10_000;
  private static final int NUMERIC_BASE_DIGITS = 4;

  private BinaryArrays() {}

  /** The array of one field of rows of one kind; its type is {@link #oid}. */
  static byte[] of(List<TypedRow> rows, int field) {
    Type type = rows.getFirst().kind().fields().get(field).type();
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(20 + rows.size() * 12);
    try (DataOutputStream out = new DataOutputStream(bytes)) {
      boolean hasNull = false;
      for (TypedRow row : rows) {
        hasNull |= row.value(field) == null;
      }
      out.writeInt(1);
      out.writeInt(hasNull ? 1 : 0);
      out.writeInt(element(type));
      out.writeInt(rows.size());
      out.writeInt(1);
      for (TypedRow row : rows) {
        @Nullable Object value = row.value(field);
        if (value == null) {
          out.writeInt(-1);
        } else {
          write(out, type, value);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  private static int element(Type type) {
    return switch (type) {
      case TEXT -> Oid.TEXT;
      case DAY -> Oid.DATE;
      case INSTANT -> Oid.TIMESTAMPTZ;
      case COUNT -> Oid.INT8;
      case FLAG -> Oid.BOOL;
      case LIST -> Oid.JSONB;
      case PERCENT, RATE, MONEY -> Oid.NUMERIC;
    };
  }

  /** PostgreSQL's number of the type of an array of such fields. */
  static int oid(Type type) {
    return switch (type) {
      case TEXT -> Oid.TEXT_ARRAY;
      case DAY -> Oid.DATE_ARRAY;
      case INSTANT -> Oid.TIMESTAMPTZ_ARRAY;
      case COUNT -> Oid.INT8_ARRAY;
      case FLAG -> Oid.BOOL_ARRAY;
      case LIST -> Oid.JSONB_ARRAY;
      case PERCENT, RATE, MONEY -> Oid.NUMERIC_ARRAY;
    };
  }

  private static void write(DataOutputStream out, Type type, Object value) throws IOException {
    switch (type) {
      case TEXT -> {
        byte[] text = ((String) value).getBytes(StandardCharsets.UTF_8);
        out.writeInt(text.length);
        out.write(text);
      }
      case LIST -> {
        byte[] text = ((String) value).getBytes(StandardCharsets.UTF_8);
        out.writeInt(text.length + 1);
        // The version of jsonb's format.
        out.writeByte(1);
        out.write(text);
      }
      case DAY -> {
        out.writeInt(Integer.BYTES);
        out.writeInt((int) ChronoUnit.DAYS.between(DAY_0, (LocalDate) value));
      }
      case INSTANT -> {
        out.writeInt(Long.BYTES);
        out.writeLong(ChronoUnit.MICROS.between(MOMENT_0, (Instant) value));
      }
      case COUNT -> {
        out.writeInt(Long.BYTES);
        out.writeLong((Long) value);
      }
      case FLAG -> {
        out.writeInt(1);
        out.writeByte((Boolean) value ? 1 : 0);
      }
      case PERCENT, RATE, MONEY -> numeric(out, (BigDecimal) value);
    }
  }

  /** As {@code numeric_recv} reads it: digits to the base 10,000, most significant first. */
  private static void numeric(DataOutputStream out, BigDecimal value) throws IOException {
    int scale = value.scale();
    int padding = Math.floorMod(-scale, NUMERIC_BASE_DIGITS);
    BigInteger padded = value.unscaledValue().abs().multiply(BigInteger.TEN.pow(padding));
    int fractions = (scale + padding) / NUMERIC_BASE_DIGITS;
    short[] digits = new short[padded.bitLength() / 13 + 1];
    int first = digits.length;
    if (padded.bitLength() < Long.SIZE) {
      for (long left = padded.longValue(); left > 0; left /= NUMERIC_BASE) {
        digits[--first] = (short) (left % NUMERIC_BASE);
      }
    } else {
      BigInteger base = BigInteger.valueOf(NUMERIC_BASE);
      for (BigInteger left = padded; left.signum() > 0; ) {
        BigInteger[] parts = left.divideAndRemainder(base);
        digits[--first] = parts[1].shortValue();
        left = parts[0];
      }
    }
    int count = digits.length - first;
    out.writeInt(4 * Short.BYTES + count * Short.BYTES);
    out.writeShort(count);
    out.writeShort(count - fractions - 1);
    out.writeShort(value.signum() < 0 ? NUMERIC_NEGATIVE : NUMERIC_POSITIVE);
    out.writeShort(scale);
    for (int i = first; i < digits.length; i++) {
      out.writeShort(digits[i]);
    }
  }
}
