package com.ytempire.sidecar.db;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.sql.Array;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.time.LocalDate;
import java.util.Arrays;
import java.util.UUID;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;
import org.postgresql.core.BaseConnection;
import org.postgresql.core.Oid;
import org.postgresql.jdbc.PgArray;

/**
 * Writes values as one array in PostgreSQL's binary format ({@code array_recv} and the {@code
 * _recv} function of each element). The driver writes days, times and decimal numbers as text,
 * which took more time on both sides than all else that is done to them.
 */
public final class BinaryArray {
  /** 2000-01-01, where PostgreSQL's days begin, in days since 1970-01-01. */
  private static final long DAY_0 = LocalDate.of(2000, 1, 1).toEpochDay();

  /** 2000-01-01 UTC, where PostgreSQL's microseconds begin, in seconds since 1970-01-01. */
  private static final long SECOND_0 = Instant.parse("2000-01-01T00:00:00Z").getEpochSecond();

  private static final long MICROS_PER_SECOND = 1_000_000;
  private static final int NUMERIC_POSITIVE = 0x0000;
  private static final int NUMERIC_NEGATIVE = 0x4000;
  private static final int NUMERIC_BASE = 10_000;
  private static final int NUMERIC_BASE_DIGITS = 4;

  /** Digits of a number that with its padding fits into a long. */
  private static final int NUMERIC_LONG_DIGITS = 15;

  private static final int HEADER_BYTES = 5 * Integer.BYTES;

  /** The place in the header that says whether there are nulls. */
  private static final int HAS_NULL = Integer.BYTES;

  private static final int NULL_LENGTH = -1;

  private BinaryArray() {}

  /** The type of an array's elements, and the class of its values. */
  public enum Element {
    /** Of {@link String}. */
    TEXT(Oid.TEXT, Oid.TEXT_ARRAY),
    /** Of {@link LocalDate}. */
    DATE(Oid.DATE, Oid.DATE_ARRAY),
    /** Of {@link Instant}. */
    TIMESTAMPTZ(Oid.TIMESTAMPTZ, Oid.TIMESTAMPTZ_ARRAY),
    /** Of {@link Long}. */
    INT8(Oid.INT8, Oid.INT8_ARRAY),
    /** Of {@link Boolean}. */
    BOOL(Oid.BOOL, Oid.BOOL_ARRAY),
    /** Of {@link String}. */
    JSONB(Oid.JSONB, Oid.JSONB_ARRAY),
    /** Of {@link BigDecimal}. */
    NUMERIC(Oid.NUMERIC, Oid.NUMERIC_ARRAY),
    /** Of {@link UUID}. */
    UUID(Oid.UUID, Oid.UUID_ARRAY);

    private final int oid;
    private final int arrayOid;

    Element(int oid, int arrayOid) {
      this.oid = oid;
      this.arrayOid = arrayOid;
    }
  }

  /**
   * An array as a parameter of a statement on a connection.
   *
   * @param value by its index; null: null
   */
  public static Array of(
      Connection connection, Element element, int size, IntFunction<@Nullable Object> value)
      throws SQLException {
    return new PgArray(
        connection.unwrap(BaseConnection.class), element.arrayOid, encode(element, size, value));
  }

  /** The array in the binary format. */
  static byte[] encode(Element element, int size, IntFunction<@Nullable Object> value) {
    BinaryOutput out = new BinaryOutput(HEADER_BYTES + size * 3 * Integer.BYTES);
    out.putInt(1);
    out.putInt(0);
    out.putInt(element.oid);
    out.putInt(size);
    out.putInt(1);
    for (int i = 0; i < size; i++) {
      @Nullable Object each = value.apply(i);
      if (each == null) {
        out.setInt(HAS_NULL, 1);
        out.putInt(NULL_LENGTH);
      } else {
        put(out, element, each);
      }
    }
    return out.toByteArray();
  }

  private static void put(BinaryOutput out, Element element, Object value) {
    switch (element) {
      case TEXT -> {
        byte[] text = ((String) value).getBytes(StandardCharsets.UTF_8);
        out.putInt(text.length);
        out.putBytes(text);
      }
      case JSONB -> {
        byte[] text = ((String) value).getBytes(StandardCharsets.UTF_8);
        out.putInt(text.length + 1);
        // The version of jsonb's format.
        out.putByte(1);
        out.putBytes(text);
      }
      case DATE -> {
        out.putInt(Integer.BYTES);
        out.putInt((int) (((LocalDate) value).toEpochDay() - DAY_0));
      }
      case TIMESTAMPTZ -> {
        Instant moment = (Instant) value;
        out.putInt(Long.BYTES);
        out.putLong(
            (moment.getEpochSecond() - SECOND_0) * MICROS_PER_SECOND + moment.getNano() / 1_000);
      }
      case INT8 -> {
        out.putInt(Long.BYTES);
        out.putLong((Long) value);
      }
      case BOOL -> {
        out.putInt(1);
        out.putByte((Boolean) value ? 1 : 0);
      }
      case NUMERIC -> putNumeric(out, (BigDecimal) value);
      case UUID -> {
        out.putInt(2 * Long.BYTES);
        out.putLong(((UUID) value).getMostSignificantBits());
        out.putLong(((UUID) value).getLeastSignificantBits());
      }
    }
  }

  /** As {@code numeric_recv} reads it: digits to the base 10,000, most significant first. */
  private static void putNumeric(BinaryOutput out, BigDecimal value) {
    int scale = value.scale();
    int padding = Math.floorMod(-scale, NUMERIC_BASE_DIGITS);
    int fractions = (scale + padding) / NUMERIC_BASE_DIGITS;
    short[] digits =
        value.precision() <= NUMERIC_LONG_DIGITS
            ? digits(Math.abs(value.unscaledValue().longValue()), padding)
            : digits(value.unscaledValue().abs().multiply(BigInteger.TEN.pow(padding)));
    out.putInt((4 + digits.length) * Short.BYTES);
    out.putShort(digits.length);
    out.putShort(digits.length - fractions - 1);
    out.putShort(value.signum() < 0 ? NUMERIC_NEGATIVE : NUMERIC_POSITIVE);
    out.putShort(scale);
    for (short digit : digits) {
      out.putShort(digit);
    }
  }

  private static short[] digits(long unscaled, int padding) {
    long padded = unscaled;
    for (int i = 0; i < padding; i++) {
      padded *= 10;
    }
    int count = 0;
    for (long power = 1; count < 5 && padded >= power; power *= NUMERIC_BASE) {
      count++;
    }
    short[] digits = new short[count];
    for (int i = count - 1; i >= 0; i--) {
      long left = padded / NUMERIC_BASE;
      digits[i] = (short) (padded - left * NUMERIC_BASE);
      padded = left;
    }
    return digits;
  }

  private static short[] digits(BigInteger padded) {
    short[] digits = new short[padded.bitLength() / 13 + 1];
    int first = digits.length;
    BigInteger base = BigInteger.valueOf(NUMERIC_BASE);
    for (BigInteger left = padded; left.signum() > 0; ) {
      BigInteger[] parts = left.divideAndRemainder(base);
      digits[--first] = parts[1].shortValue();
      left = parts[0];
    }
    return Arrays.copyOfRange(digits, first, digits.length);
  }
}
