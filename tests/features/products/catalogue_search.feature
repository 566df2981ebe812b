@core @http
Feature: Searching the catalogue
  Learners find programs and course runs by number and by title, and see what they can buy.

  Background:
    Given the shop sells the course run "14.310x-1T2027" for $199.99
    And the shop sells the course run "6.86x-1T2027" for $39.33
    And the shop sells the program "DEDP" with the course "14.310x" for $1350.00

  Rule: Learners find products by words of the number or the title

    @PRD-01
    Scenario Outline: A search matches the number and the title, in any case and order
      When Ada searches for "<words>"
      Then she finds <found>

      Examples:
        | words          | found                        |
        | 14.310x        | "14.310x-1T2027"             |
        | COURSE         | "14.310x-1T2027, 6.86x-1T2027" |
        | 6.86x course   | "6.86x-1T2027"               |
        | program dedp   | "DEDP"                       |
        | philosophy     | ""                           |

  Rule: A product is listed, hidden or withdrawn

    @PRD-02
    Scenario: A hidden product is not listed, but can be bought by its direct link
      Given "6.86x-1T2027" is hidden
      When Ada searches for "6.86x"
      Then she finds ""
      When Ada adds "6.86x-1T2027" to her basket
      Then the total of Ada's basket is $39.33

    @PRD-03
    Scenario: A withdrawn product is neither listed nor sold
      Given "6.86x-1T2027" is withdrawn
      When Ada searches for "6.86x"
      Then she finds ""
      When Ada adds "6.86x-1T2027" to her basket
      Then the shop refuses with the message "Course 6.86x (6.86x-1T2027) is no longer sold"

  Rule: A product is sold from the opening of enrolment until the payment deadline

    @PRD-04
    Scenario: The product is refused before the opening and from the deadline on
      Given "6.86x-1T2027" is on sale from 1 hour from now until 3 hours from now
      When Ada adds "6.86x-1T2027" to her basket
      Then the shop refuses with the message "can be bought from 22 November 2026, 13:00 UTC"
      When 60 minutes pass
      And Ada adds "6.86x-1T2027" to her basket
      Then the total of Ada's basket is $39.33
      When 120 minutes pass
      And Bob adds "6.86x-1T2027" to his basket
      Then the shop refuses with the message "The payment deadline of Course 6.86x"
