@core @http @command-line
Feature: Automatic discounts
  An automatic discount applies to every learner. Nobody needs to enter a code.

  Background:
    Given the shop sells the course run "6.86x-1T2027" for $39.33

  Rule: An automatic discount applies to everybody without a code

    @DIS-34
    Scenario: An automatic discount applies from the basket to the receipt
      When staff create the automatic discount "SUMMER" of 25 percent
      And Ada adds "6.86x-1T2027" to her basket
      Then the total of Ada's basket is $29.50
      When Ada checks out
      And Ada pays with a valid card
      Then $29.50 was charged
      And Ada's receipt shows "SUMMER"

    @DIS-35
    Scenario: A visitor who is not signed in sees the reduced price
      Given Carol is not signed in
      When staff create the automatic discount "SUMMER" of 25 percent
      And Carol adds "6.86x-1T2027" to her basket
      Then the total of Carol's basket is $29.50

  Rule: An automatic discount does not add up with a code

    @DIS-36
    Scenario Outline: The better of automatic discount and code applies
      Given the code "SPRING" gives <percent> percent off
      When staff create the automatic discount "SUMMER" of 25 percent
      And Ada adds "6.86x-1T2027" to her basket
      And Ada enters the code "SPRING"
      Then the total of Ada's basket is $<due>

      Examples:
        | percent | due   |
        | 10      | 29.50 |
        | 50      | 19.66 |

  Rule: Of equal discounts, an assigned one applies before an automatic one, and that before a code

    @DIS-37
    Scenario: Two learners pay the same price by different discounts
      Given the code "SPRING" gives 25 percent off
      When staff create the automatic discount "SUMMER" of 25 percent
      And staff create the discount "BOB-7" of 25 percent, assigned to Bob
      And Bob adds "6.86x-1T2027" to his basket
      And Bob enters the code "SPRING"
      And Bob checks out
      And Bob pays with a valid card
      Then Bob's receipt shows "BOB-7"
      When Ada adds "6.86x-1T2027" to her basket
      And Ada enters the code "SPRING"
      And Ada checks out
      And Ada pays with a valid card
      Then Ada's receipt shows "SUMMER"
