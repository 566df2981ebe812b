@core @http @command-line
Feature: Usage limits of discount codes
  A use is reserved when an order is placed, redeemed when it is paid and released when it is not.

  Background:
    Given the shop sells the course run "6.86x-1T2027" for $39.33

  Rule: A single-use code is used by the first order that is placed with it

    @DIS-12
    Scenario: The last use goes to the learner who checks out first
      Given the code "ONCE" gives 25 percent off, usable once
      When Ada adds "6.86x-1T2027" to her basket
      And Ada enters the code "ONCE"
      And Bob adds "6.86x-1T2027" to his basket
      And Bob enters the code "ONCE"
      And Ada checks out
      Then the total of Bob's basket is $39.33
      And Bob's basket shows the message "is used up"

    @DIS-13
    Scenario: The learner's own unpaid order does not use up the code for her basket
      Given the code "ONCE" gives 25 percent off, usable once
      When Ada adds "6.86x-1T2027" to her basket
      And Ada enters the code "ONCE"
      And Ada checks out
      Then the total of Ada's basket is $29.50

  Rule: An order that ends unpaid releases its code

    @DIS-14
    Scenario: A cancelled order releases its code
      Given the code "ONCE" gives 25 percent off, usable once
      When Ada adds "6.86x-1T2027" to her basket
      And Ada enters the code "ONCE"
      And Ada checks out
      And Ada cancels her order
      And Bob adds "6.86x-1T2027" to his basket
      And Bob enters the code "ONCE"
      Then the total of Bob's basket is $29.50

  Rule: A code can be limited to a number of uses

    @DIS-38
    Scenario: A paid and an unpaid order both count as a use
      When staff create the discount "TWICE" of 25 percent, usable 2 times
      And Ada adds "6.86x-1T2027" to her basket
      And Ada enters the code "TWICE"
      And Ada checks out
      And Ada pays with a valid card
      And Bob adds "6.86x-1T2027" to his basket
      And Bob enters the code "TWICE"
      And Bob checks out
      And Carol adds "6.86x-1T2027" to her basket
      And Carol enters the code "TWICE"
      Then the shop refuses with the message "is used up"
      When Bob cancels his order
      And Carol enters the code "TWICE"
      Then the total of Carol's basket is $29.50

  Rule: A code can be limited to one use per learner

    @DIS-39
    Scenario: A learner uses the code once, and another learner can still use it
      Given the shop sells the course run "14.310x-1T2027" for $199.99
      When staff create the discount "WELCOME" of 25 percent, usable once per learner
      And Ada adds "6.86x-1T2027" to her basket
      And Ada enters the code "WELCOME"
      And Ada checks out
      And Ada pays with a valid card
      Then $29.50 was charged
      When Ada adds "14.310x-1T2027" to her basket
      And Ada enters the code "WELCOME"
      Then the shop refuses with the message "You have used the code "WELCOME" as often as it allows"
      And the total of Ada's basket is $199.99
      When Bob adds "14.310x-1T2027" to his basket
      And Bob enters the code "WELCOME"
      Then the total of Bob's basket is $149.99

  Rule: A full refund releases the code, and a partial refund does not

    @DIS-40
    Scenario: The code of a refunded order can be used again
      Given the code "ONCE" gives 25 percent off, usable once
      When Ada adds "6.86x-1T2027" to her basket
      And Ada enters the code "ONCE"
      And Ada checks out
      And Ada pays with a valid card
      And staff refund $10.00 of Ada's order
      And Bob adds "6.86x-1T2027" to his basket
      And Bob enters the code "ONCE"
      Then the shop refuses with the message "is used up"
      When staff refund Ada's order
      And Bob enters the code "ONCE"
      Then the total of Bob's basket is $29.50
