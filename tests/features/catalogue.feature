Feature: Looking through the catalogue
  A learner finds programs and course runs by number and by title, and sees what can be bought.

  Background:
    Given the shop sells the run "14.310x-1T2027" for $199.99
    And the shop sells the run "6.86x-1T2027" for $39.33
    And the shop sells the program "DEDP" of "14.310x" for $1350.00

  Scenario Outline: Finding by number, by title, in any case and any order
    When ada looks for "<words>"
    Then she finds <found>

    Examples:
      | words          | found                        |
      | 14.310x        | "14.310x-1T2027"             |
      | COURSE         | "14.310x-1T2027, 6.86x-1T2027" |
      | 6.86x course   | "6.86x-1T2027"               |
      | program dedp   | "DEDP"                       |
      | philosophy     | ""                           |

  Scenario: A hidden product is not found, but sold to whoever knows its address
    Given "6.86x-1T2027" is hidden
    When ada looks for "6.86x"
    Then she finds ""
    When ada puts "6.86x-1T2027" in her basket
    Then ada's basket costs $39.33

  Scenario: A withdrawn product is neither found nor sold
    Given "6.86x-1T2027" is withdrawn
    When ada looks for "6.86x"
    Then she finds ""
    When ada puts "6.86x-1T2027" in her basket
    Then the shop refuses, because "Course 6.86x (6.86x-1T2027) is no longer sold"

  Scenario: A product is sold from its opening on and until its deadline
    Given "6.86x-1T2027" is sold from in 1 hour until in 3 hours
    When ada puts "6.86x-1T2027" in her basket
    Then the shop refuses, because "can be bought from 22 November 2026, 13:00 UTC"
    When 60 minutes pass
    And ada puts "6.86x-1T2027" in her basket
    Then ada's basket costs $39.33
    When 120 minutes pass
    And bob puts "6.86x-1T2027" in his basket
    Then the shop refuses him, because "The payment deadline of Course 6.86x"
